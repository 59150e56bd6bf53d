// The part of the API about images: taking them in, listing, forgetting, handing their blobs to
// other nodes, and what a job's image means.
#pragma once

#include "node/host/daemon/clock.h"
#include "node/host/daemon/member.h"
#include "node/host/http/message.h"

#include <functional>
#include <string>

namespace shoal::host {

class ImageRoutes {
public:
    using Respond = std::function<void(http::Response)>;

    explicit ImageRoutes(const Clock& clock) : clock_(clock) {}

    // False: the path is none of these, and nothing was answered.
    bool handle(Member& member, const http::Request& request, const Respond& respond);

    // Submits the job with its image pinned to what its name means now; answers by `respond` if
    // nobody knows such an image.
    void pin(Member& member, agent::ClientJob job, const Member::Written& done,
             const Respond& respond);

private:
    void list(const Member& member, const http::Request& request, const Respond& respond);
    void forget(Member& member, const http::Request& request, const std::string& name,
                const Respond& respond);
    void prune(Member& member, const http::Request& request, const Respond& respond);
    void upload(Member& member, const http::Request& request, const std::string& rest,
                const Respond& respond);
    void take_piece(Member& member, const http::Request& request, const std::string& id,
                    const Respond& respond);
    void load(Member& member, const http::Request& request, const std::string& id,
              const Respond& respond);
    void name_loaded(Member& member, const std::string& id, std::vector<HeldImage> images);
    static void tell_progress(Member& member, const std::string& id, const Respond& respond);
    void blob(Member& member, const http::Request& request, const std::string& digest,
              const Respond& respond);

    const Clock& clock_;
};

}  // namespace shoal::host
