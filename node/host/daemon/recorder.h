// Writes a recording (node/agent/recording.h) while a node runs: `shoal agent --record FILE`.
#pragma once

#include "node/agent/recording.h"
#include "node/base/result.h"

#include <cstdio>
#include <memory>
#include <string>

namespace shoal::host {

class Recorder {
public:
    // Creates or truncates `path`, mode 0600.
    static Result<Recorder> open(const std::string& path);

    void header(const agent::RecordingHeader& header);
    void step(const agent::RecordedStep& step);

private:
    struct Close {
        void operator()(std::FILE* file) const { (void)std::fclose(file); }
    };

    explicit Recorder(std::FILE* file) : file_(file) {}

    void append(const Bytes& frame);

    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace shoal::host
