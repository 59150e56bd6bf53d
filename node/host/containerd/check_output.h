// What one check says, through a named pipe: all of it is read, so that nobody who writes has to
// wait, and the end of it is kept. A file instead could fill the disk.
#pragma once

#include "node/base/result.h"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <array>
#include <memory>
#include <string>

namespace shoal::host::ctrd {

class CheckOutput : public std::enable_shared_from_this<CheckOutput> {
public:
    // Makes the pipe `name` below `folder`, and reads from it until finish().
    [[nodiscard]] static Result<std::shared_ptr<CheckOutput>> open(
        const asio::any_io_executor& executor, const std::string& folder, const std::string& name);
    ~CheckOutput();
    CheckOutput(const CheckOutput&) = delete;
    CheckOutput& operator=(const CheckOutput&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    // The end of what was said, as text of at most kCheckOutputMax bytes. Removes the pipe.
    [[nodiscard]] std::string finish();

private:
    CheckOutput(const asio::any_io_executor& executor, std::string path, int pipe);

    void read();
    void take(std::size_t size);

    asio::posix::stream_descriptor pipe_;
    std::string path_;
    std::array<char, 4096> buffer_{};
    std::string tail_{};
};

}  // namespace shoal::host::ctrd
