// Image archives on their way in: a client sends one in pieces, each a request of its own, so that
// no request is large and a broken connection costs one piece.
#pragma once

#include "node/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace shoal::host::images {

class Uploads {
public:
    struct Limits {
        std::size_t open_max = 8;
        std::chrono::minutes idle_max{15};
    };

    using Moment = std::chrono::steady_clock::time_point;

    enum class State : std::uint8_t { Receiving, Loading, Done, Failed };

    struct Upload {
        std::string path{};
        std::uint64_t size = 0;
        State state = State::Receiving;
        Error error{};         // of Failed
        std::string answer{};  // of Done: what the client is told
        Moment touched{};
    };

    // Leftovers of an earlier run are removed from `folder`, which is made if needed.
    Uploads(std::string folder, const Limits& limits);
    // What was not loaded is gone.
    ~Uploads();
    Uploads(const Uploads&) = delete;
    Uploads& operator=(const Uploads&) = delete;

    // `id`: drawn by the caller, of hex digits. Unavailable: too many are open; Full, Io: the disk.
    [[nodiscard]] Result<void> begin(const std::string& id, Moment now);
    // Appends at `offset`, which is the size so far; a piece that is there already is taken again.
    // Returns the size. Conflict: says where to go on.
    [[nodiscard]] Result<std::uint64_t> write(const std::string& id, std::uint64_t offset,
                                              std::string_view bytes, Moment now);
    // Null: there is none by this id (any more).
    [[nodiscard]] Upload* find(const std::string& id);
    // Some archive is being taken in: its image may not have its name yet.
    [[nodiscard]] bool is_loading() const;
    // The archive is not needed any more; how it went is told a while longer.
    void loaded(const std::string& id, Result<std::string> answer, Moment now);
    void drop(const std::string& id);

private:
    void expire(Moment now);

    std::string folder_;
    Limits limits_;
    std::map<std::string, Upload> all_;
};

}  // namespace shoal::host::images
