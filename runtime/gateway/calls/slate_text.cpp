#include "runtime/gateway/calls/slate_text.hpp"

#include <msgpack.hpp>

#include <array>
#include <charconv>
#include <concepts>

namespace ammo::web {
namespace {

/// Objects and arrays say how many members they have before these come, as msgpack wants it.
class json_writer {
public:
  void object(std::size_t) { open('{'); }
  void array(std::size_t) { open('['); }
  void end(char closing) {
    out += closing;
    first_ = false;
  }
  void key(std::string_view name) {
    comma();
    out += '"';
    out += name; // one of this file's own: nothing to escape
    out += "\":";
    first_ = true;
  }
  void id(std::uint64_t v) {
    comma();
    out += '"';
    digits(v);
    out += '"';
  }
  void number(std::uint64_t v) {
    comma();
    digits(v);
  }
  void real(float v) {
    comma();
    digits(v);
  }
  void boolean(bool v) {
    comma();
    out += v ? "true" : "false";
  }
  void null() {
    comma();
    out += "null";
  }
  void text(std::string_view v) {
    comma();
    out += '"';
    std::size_t clean = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const auto c = static_cast<unsigned char>(v[i]);
      if (c >= 0x20 && c != '"' && c != '\\')
        continue;
      out += v.substr(clean, i - clean);
      clean = i + 1;
      escape(c);
    }
    out += v.substr(clean);
    out += '"';
  }
  std::string out;

private:
  void open(char opening) {
    comma();
    out += opening;
    first_ = true;
  }
  void comma() {
    if (!first_)
      out += ',';
    first_ = false;
  }
  void escape(unsigned char c) {
    static constexpr std::string_view hex = "0123456789abcdef";
    if (c == '\n')
      out += "\\n";
    else if (c == '"' || c == '\\')
      (out += '\\') += static_cast<char>(c);
    else
      ((out += "\\u00") += hex[c >> 4]) += hex[c & 15];
  }
  template <class Number>
  void digits(Number v) {
    std::array<char, 32> made{};
    out.append(made.data(), std::to_chars(made.data(), made.data() + made.size(), v).ptr);
  }
  bool first_ = true;
};

class msgpack_writer {
public:
  void object(std::size_t members) { pack_.pack_map(static_cast<std::uint32_t>(members)); }
  void array(std::size_t items) { pack_.pack_array(static_cast<std::uint32_t>(items)); }
  void end(char) {}
  void key(std::string_view name) { text(name); }
  void id(std::uint64_t v) {
    std::array<char, 24> made{};
    text({made.data(), static_cast<std::size_t>(std::to_chars(made.data(), made.data() + made.size(), v).ptr - made.data())});
  }
  void number(std::uint64_t v) { pack_.pack(v); }
  void real(float v) { pack_.pack(v); }
  void boolean(bool v) { pack_.pack(v); }
  void null() { pack_.pack_nil(); }
  void text(std::string_view v) {
    pack_.pack_v4raw(static_cast<std::uint32_t>(v.size())); // never str 8, which old readers don't know
    pack_.pack_v4raw_body(v.data(), static_cast<std::uint32_t>(v.size()));
  }
  struct sink {
    std::string bytes;
    void write(const char* data, std::size_t size) { bytes.append(data, size); }
  } to;

private:
  msgpack::packer<sink> pack_{to};
};

template <class Writer>
void write(Writer& to, const shown_creation& c, const service& with) {
  static const item none;
  const auto& shown = c.item ? *c.item : none;
  to.object(10);
  to.key("impression"), to.id(raw(c.impression));
  to.key("creation"), to.id(raw(c.creation));
  to.key("goal"), to.id(raw(c.goal));
  to.key("subspace"), to.text(with.subspace_name(c.subspace));
  to.key("content"), to.id(c.content);
  to.key("title"), to.text(shown.title);
  to.key("body"), to.text(shown.body);
  to.key("link"), to.text(shown.link);
  to.key("slot"), to.number(c.slot);
  to.key("propensity");
  if (c.propensity.known())
    to.real(c.propensity.value);
  else
    to.null();
  to.end('}');
}

template <class Writer>
void write(Writer& to, const slate& s, const service& with) {
  to.object(4);
  to.key("user"), to.id(raw(s.user));
  to.key("round"), to.number(s.round);
  to.key("pushed"), to.boolean(s.pushed);
  to.key("items"), to.array(s.creations.size());
  for (const auto& c : s.creations)
    write(to, c, with);
  to.end(']');
  to.end('}');
}

} // namespace

std::string bytes_of(const slate& s, const service& with, form as) {
  if (as == form::json) {
    json_writer to;
    to.out.reserve(256 + 512 * s.creations.size());
    write(to, s, with);
    return std::move(to.out);
  }
  msgpack_writer to;
  write(to, s, with);
  return std::move(to.to.bytes);
}

} // namespace ammo::web
