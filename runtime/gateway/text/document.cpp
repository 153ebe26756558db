#include "runtime/gateway/text/document.hpp"

#include "runtime/gateway/text/refusal.hpp"

#include <boost/nowide/utf/utf.hpp>
#include <msgpack.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace ammo::web {
namespace {

/// Builds a document from the parser's events, and stops it at what isn't taken.
class builder final : public nlohmann::json_sax<document> {
public:
  document root;
  raw_texts raw = raw_texts::refused;

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(v); }
  bool number_unsigned(number_unsigned_t v) override { return put(v); }
  bool number_float(number_float_t v, const string_t&) override {
    if (!std::isfinite(v))
      throw refusal(fault::malformed_body, "a number that is not finite");
    return put(v);
  }
  bool string(string_t& v) override {
    text(v);
    return put(std::move(v));
  }
  bool binary(binary_t& v) override {
    if (raw == raw_texts::taken && !v.has_subtype()) {
      string_t said(v.begin(), v.end());
      return string(said);
    }
    if (!v.has_subtype() || v.subtype() != 1 || v.size() % sizeof(float) != 0)
      throw refusal(fault::malformed_body, "binary data that is no EXT of type 1 with float32 values");
    document numbers = document::array();
    for (std::size_t at = 0; at < v.size(); at += sizeof(float)) {
      static_assert(std::endian::native == std::endian::little);
      float value = 0;
      std::memcpy(&value, v.data() + at, sizeof value);
      if (!std::isfinite(value))
        throw refusal(fault::malformed_body, "a number that is not finite");
      numbers.push_back(value);
    }
    return put(std::move(numbers));
  }
  bool start_object(std::size_t) override { return open(document::object()); }
  bool key(string_t& v) override {
    text(v);
    if (open_.back()->size() == most_members)
      throw refusal(fault::malformed_body, "an object with more than " + std::to_string(most_members) + " members");
    if (open_.back()->contains(v))
      throw refusal(fault::repeated_member, v.substr(0, 80));
    key_ = std::move(v);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(document::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    throw refusal(fault::malformed_body, "at byte " + std::to_string(at));
  }

private:
  static void text(const string_t& v) {
    if (!is_text(v))
      throw refusal(fault::bad_utf8);
  }
  document* place(document v) {
    if (open_.empty()) {
      root = std::move(v);
      return &root;
    }
    auto& in = *open_.back();
    if (in.is_array()) {
      in.push_back(std::move(v));
      return &in.back();
    }
    return &(in[key_] = std::move(v));
  }
  bool put(document v) {
    place(std::move(v));
    return true;
  }
  bool open(document v) {
    if (open_.size() == deepest)
      throw refusal(fault::body_too_deep, "more than " + std::to_string(deepest) + " levels");
    open_.push_back(place(std::move(v)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // A level's parent isn't changed while the level is open, so these stay valid.
  std::vector<document*> open_;
  string_t key_;
};

struct text_sink {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};

void pack_text(msgpack::packer<text_sink>& out, std::string_view v) {
  out.pack_v4raw(static_cast<std::uint32_t>(v.size())); // never str 8
  out.pack_v4raw_body(v.data(), static_cast<std::uint32_t>(v.size()));
}

void pack(msgpack::packer<text_sink>& out, const document& all) {
  switch (all.type()) {
  case document::value_t::object:
    out.pack_map(static_cast<std::uint32_t>(all.size()));
    for (const auto& [name, value] : all.items()) {
      pack_text(out, name);
      pack(out, value);
    }
    break;
  case document::value_t::array:
    out.pack_array(static_cast<std::uint32_t>(all.size()));
    for (const auto& value : all)
      pack(out, value);
    break;
  case document::value_t::string: pack_text(out, all.get_ref<const std::string&>()); break;
  case document::value_t::boolean: out.pack(all.get<bool>()); break;
  case document::value_t::number_integer: out.pack(all.get<std::int64_t>()); break;
  case document::value_t::number_unsigned: out.pack(all.get<std::uint64_t>()); break;
  case document::value_t::number_float: out.pack_double(all.get<double>()); break;
  default: out.pack_nil();
  }
}

} // namespace

bool is_text(std::string_view bytes) noexcept {
  namespace utf = boost::nowide::utf;
  const auto* p = bytes.data();
  const auto* end = p + bytes.size();
  while (p != end) {
    if (static_cast<unsigned char>(*p) < 0x80) {
      ++p;
      continue;
    }
    const auto point = utf::utf_traits<char>::decode(p, end);
    if (point == utf::illegal || point == utf::incomplete)
      return false;
  }
  return true;
}

document read_document(std::string_view bytes, form as, raw_texts raw) {
  builder built;
  built.raw = raw;
  const auto format = as == form::json ? nlohmann::detail::input_format_t::json : nlohmann::detail::input_format_t::msgpack;
  if (!document::sax_parse(bytes.begin(), bytes.end(), &built, format))
    throw refusal(fault::malformed_body);
  return std::move(built.root);
}

std::string write_document(const document& all, form as) {
  if (as == form::json)
    return all.dump(-1, ' ', false, document::error_handler_t::replace);
  text_sink to;
  msgpack::packer<text_sink> out(to);
  pack(out, all);
  return std::move(to.bytes);
}

} // namespace ammo::web
