/// A real headless Chromium, driven over its own debugging protocol. Tests that use it are passed over where there is none.
#pragma once

#include "tests/support/scratch.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <boost/beast/core/detail/base64.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace ammo::testing {

/// "/usr/bin/chromium"; empty where there is none.
inline std::string chromium() {
  for (const auto* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (access(path, X_OK) == 0)
      return path;
  return {};
}

class browser {
public:
  /// One tab of that size in CSS pixels, on `address`.
  browser(const std::string& address, int width, int height) : folder_("ammo-browser-" + std::to_string(width)) {
    start(width, height);
    (void)call("Runtime.enable");
    (void)call("Log.enable");
    (void)call("Page.enable");
    (void)call("Emulation.setDeviceMetricsOverride", {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", width < 600}});
    go(address);
  }
  ~browser() {
    if (child_ > 0) {
      kill(-child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    std::error_code busy; // its children may take a moment to end
    for (int tries = 0; tries < 200 && (std::filesystem::remove_all(folder_.folder, busy), busy); ++tries)
      usleep(10'000);
  }
  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;

  void go(const std::string& address) { (void)call("Page.navigate", {{"url", address}}); }

  /// The value of an expression; promises are waited for. A test fails where it throws.
  json value(const std::string& expression) {
    const auto got = call("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}, {"awaitPromise", true}});
    INFO(expression << "\n"
                    << got.dump());
    REQUIRE_FALSE(got.contains("exceptionDetails"));
    return got["result"].value("value", json());
  }
  /// Looks again and again until the expression is true; false after twenty seconds.
  bool becomes(const std::string& expression) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      const auto got = call("Runtime.evaluate", {{"expression", "Boolean(" + expression + ")"}, {"returnByValue", true}});
      if (!got.contains("exceptionDetails") && got["result"].value("value", false)) // a page that is still loading may lack everything
        return true;
      (void)call("Runtime.evaluate", {{"expression", "new Promise(go => setTimeout(go, 50))"}, {"awaitPromise", true}});
    } while (std::chrono::steady_clock::now() < until);
    return false;
  }
  /// A key as the keyboard sends it: "Tab", "Enter".
  void press(const std::string& key) {
    const int code = key == "Tab" ? 9 : key == "Enter" ? 13
                                                       : 0;
    json down{{"type", "keyDown"}, {"key", key}, {"code", key}, {"windowsVirtualKeyCode", code}};
    if (key == "Enter")
      down["text"] = "\r";
    (void)call("Input.dispatchKeyEvent", down);
    (void)call("Input.dispatchKeyEvent", {{"type", "keyUp"}, {"key", key}, {"code", key}, {"windowsVirtualKeyCode", code}});
  }
  /// What the console and the network log have complained of, and uncaught exceptions.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  /// Writes a picture to AMMO_SCREENSHOTS, if that names a folder.
  void picture(const std::string& name) {
    const char* folder = std::getenv("AMMO_SCREENSHOTS");
    if (!folder)
      return;
    const auto got = call("Page.captureScreenshot", {{"format", "png"}, {"captureBeyondViewport", true}});
    const auto data = got["data"].get<std::string>();
    std::string bytes(boost::beast::detail::base64::decoded_size(data.size()), '\0');
    bytes.resize(boost::beast::detail::base64::decode(bytes.data(), data.data(), data.size()).first);
    std::ofstream(std::string(folder) + '/' + name + ".png", std::ios::binary) << bytes;
  }

private:
  void start(int width, int height) {
    const auto program = chromium();
    const auto profile = "--user-data-dir=" + folder_.folder.string();
    const auto size = "--window-size=" + std::to_string(width) + ',' + std::to_string(height);
    const auto quiet = (folder_.folder / "said").string();
    std::vector<std::string> words{program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run",
                                   "--disable-extensions", "--remote-debugging-port=0", profile, size, "about:blank"};
    std::vector<char*> arguments;
    for (auto& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, quiet.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP); // so that its children end with it
    REQUIRE(posix_spawn(&child_, program.c_str(), &files, &how, arguments.data(), environ) == 0);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    std::uint16_t port = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (port == 0 && std::chrono::steady_clock::now() < until) {
      std::ifstream told(folder_.folder / "DevToolsActivePort");
      if (!(told >> port))
        usleep(20'000);
    }
    REQUIRE(port != 0);
    web_client asks(port);
    const auto tabs = asks.get("/json/list").value();
    REQUIRE_FALSE(tabs.empty());
    auto path = tabs[0]["webSocketDebuggerUrl"].get<std::string>();
    path.erase(0, path.find("/devtools"));
    tab_ = std::make_unique<stream_client>(port, path);
    REQUIRE(tab_->open());
  }

  json call(const std::string& method, json params = json::object()) {
    const int id = ++calls_;
    tab_->send(json{{"id", id}, {"method", method}, {"params", std::move(params)}});
    for (;;) {
      auto got = tab_->next();
      REQUIRE_FALSE(got.is_null());
      if (got.value("id", 0) == id)
        return got.contains("result") ? got["result"] : json{{"exceptionDetails", got["error"]}};
      note(got);
    }
  }
  void note(const json& event) {
    const auto method = event.value("method", "");
    if (method == "Runtime.exceptionThrown" || (method == "Log.entryAdded" && event["params"]["entry"]["level"] == "error") ||
        (method == "Runtime.consoleAPICalled" && (event["params"]["type"] == "error" || event["params"]["type"] == "warning")))
      complaints_.push_back(event["params"].dump());
  }

  scratch folder_;
  pid_t child_ = -1;
  std::unique_ptr<stream_client> tab_;
  int calls_ = 0;
  std::vector<std::string> complaints_;
};

} // namespace ammo::testing
