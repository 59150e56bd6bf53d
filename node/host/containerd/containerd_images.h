// The images of one node's namespace in containerd.
#pragma once

#include "node/host/containerd/image_fetch.h"
#include "node/host/containerd/site.h"
#include "node/host/runtime/images.h"

#include <asio/thread_pool.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host::ctrd {

class ContainerdImages final : public Images {
public:
    explicit ContainerdImages(std::shared_ptr<Site> site);
    // Waits for the loading under way.
    ~ContainerdImages() override;

    void list(Done<std::vector<HeldImage>> done) override;
    void load(const std::string& archive, const std::string& name,
              Done<std::vector<HeldImage>> done) override;
    void read_blob(const std::string& digest, std::uint64_t offset, std::size_t size,
                   Done<Bytes> done) override;
    void remove(const std::string& digest, Done<void> done) override;

    [[nodiscard]] std::string storage() const override { return site_->storage; }

private:
    using Whole = std::map<std::string, WholeImage>;  // by digest; what is known to be here

    // Parts that outlive this object, for coroutines under way.
    std::shared_ptr<Site> site_;
    std::shared_ptr<Whole> whole_ = std::make_shared<Whole>();
    asio::thread_pool loader_{1};
};

}  // namespace shoal::host::ctrd
