#include "node/host/images/uploads.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace shoal::host::images {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "upload-";

Error failed(const std::string& path, int error) {
    return {error == ENOSPC || error == EDQUOT ? Errc::Full : Errc::Io,
            path + ": " + std::strerror(error)};
}

void remove_file(const std::string& path) {
    std::error_code ignored;
    fs::remove(path, ignored);
}

Result<void> append(const std::string& path, std::uint64_t size, std::string_view bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return fail(failed(path, errno));
    int error = 0;
    for (std::size_t done = 0; done < bytes.size() && error == 0;) {
        const auto put = ::pwrite(file, bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(size + done));
        if (put > 0) done += static_cast<std::size_t>(put);
        if (put <= 0 && errno != EINTR) error = put < 0 ? errno : ENOSPC;
    }
    ::close(file);
    if (error != 0) return fail(failed(path, error));
    return {};
}

}  // namespace

Uploads::Uploads(std::string folder, const Limits& limits)
    : folder_(std::move(folder)), limits_(limits) {
    std::error_code ignored;
    fs::create_directories(folder_, ignored);
    for (const auto& entry : fs::directory_iterator{folder_, ignored}) {
        if (entry.path().filename().string().starts_with(kPrefix)) remove_file(entry.path());
    }
}

Uploads::~Uploads() {
    for (const auto& [id, upload] : all_) {
        remove_file(upload.path);
    }
}

void Uploads::expire(Moment now) {
    std::erase_if(all_, [&](const auto& one) {
        const auto& upload = one.second;
        const bool over =
            upload.state != State::Loading && now - upload.touched >= limits_.idle_max;
        if (over) remove_file(upload.path);
        return over;
    });
}

Result<void> Uploads::begin(const std::string& id, Moment now) {
    expire(now);
    std::size_t open = 0;
    for (const auto& [other, upload] : all_) {
        if (upload.state == State::Receiving || upload.state == State::Loading) ++open;
    }
    if (open >= limits_.open_max) {
        return fail(Errc::Unavailable, std::to_string(open) +
                                           " images are being sent to this node already; wait "
                                           "until one is done, or ask another node");
    }
    const auto path = folder_ + "/" + std::string{kPrefix} + id;
    if (const auto made = append(path, 0, {}); !made) return made;
    all_[id] = {.path = path, .touched = now};
    return {};
}

Result<std::uint64_t> Uploads::write(const std::string& id, std::uint64_t offset,
                                     std::string_view bytes, Moment now) {
    expire(now);
    auto* upload = find(id);
    if (upload == nullptr) return fail(Errc::NotFound, "there is no upload " + id);
    if (upload->state != State::Receiving) {
        return fail(Errc::Conflict, "upload " + id + " takes nothing more");
    }
    upload->touched = now;
    // The answer to an earlier attempt was lost.
    if (offset + bytes.size() == upload->size) return upload->size;
    if (offset != upload->size) {
        return fail(Errc::Conflict, "upload " + id + " stands at " + std::to_string(upload->size) +
                                        ", not at " + std::to_string(offset));
    }
    if (const auto put = append(upload->path, offset, bytes); !put) return fail(put.error());
    upload->size += bytes.size();
    return upload->size;
}

Uploads::Upload* Uploads::find(const std::string& id) {
    const auto found = all_.find(id);
    return found == all_.end() ? nullptr : &found->second;
}

bool Uploads::is_loading() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const auto& one) { return one.second.state == State::Loading; });
}

void Uploads::loaded(const std::string& id, Result<std::string> answer, Moment now) {
    auto* upload = find(id);
    if (upload == nullptr) return;
    remove_file(upload->path);
    upload->touched = now;
    upload->state = answer ? State::Done : State::Failed;
    if (answer) {
        upload->answer = std::move(*answer);
    } else {
        upload->error = answer.error();
    }
}

void Uploads::drop(const std::string& id) {
    auto* upload = find(id);
    if (upload == nullptr || upload->state == State::Loading) return;
    remove_file(upload->path);
    all_.erase(id);
}

}  // namespace shoal::host::images
