// What a job mounts, in the runtime spec.
#include "node/host/oci/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::oci {
namespace {

using ::testing::ElementsAre;
using Json = nlohmann::json;
using placement::MountKind;

SpecWish wish(std::vector<placement::Mount> mounts) {
    SpecWish out{.id = "web"};
    out.image.command = {"serve"};
    out.container.mounts = std::move(mounts);
    return out;
}

// Those of these places, in the order of the spec.
std::vector<Json> at(const SpecWish& from, const std::vector<std::string>& places) {
    std::vector<Json> out;
    const auto spec = Json::parse(make_spec(from).value_or("{}"));
    for (const auto& mount : spec.at("mounts")) {
        const std::string place = mount["destination"];
        if (std::find(places.begin(), places.end(), place) != places.end()) out.push_back(mount);
    }
    return out;
}

TEST(SpecMounts, AreBindsWithoutDevices) {
    const auto found = at(
        wish({{.source = "/volumes/a/0", .target = "/data"},
              {.kind = MountKind::Bind, .source = "/srv", .target = "/media", .read_only = true}}),
        {"/data", "/media"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0]["type"], "bind");
    EXPECT_EQ(found[0]["source"], "/volumes/a/0");
    EXPECT_EQ(found[0]["options"], Json({"rbind", "rprivate", "nodev", "rw"}));
    EXPECT_EQ(found[1]["options"], Json({"rbind", "rprivate", "nodev", "ro"}));
}

TEST(SpecMounts, OfMemoryHaveSizeAndMode) {
    const auto found =
        at(wish({{.kind = MountKind::Tmpfs, .target = "/a"},
                 {.kind = MountKind::Tmpfs, .target = "/b", .size_bytes = 4096, .mode = 0700}}),
           {"/a", "/b"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0]["options"], Json({"nosuid", "nodev", "noexec", "mode=1777"}));
    EXPECT_EQ(found[1]["options"], Json({"nosuid", "nodev", "noexec", "mode=0700", "size=4096"}));
}

TEST(SpecMounts, ComeOuterFirstAndTakeThePlaceOfWhatEveryContainerHas) {
    const auto found = at(wish({{.source = "/v/inner", .target = "/run/inner"},
                                {.kind = MountKind::Tmpfs, .target = "/run"}}),
                          {"/run", "/run/inner"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0]["destination"], "/run");
    EXPECT_EQ(found[0]["options"], Json({"nosuid", "nodev", "noexec", "mode=1777"}));
}

TEST(SpecMounts, OfHandedFilesAreReadOnlyAndComeLast) {
    auto from = wish({{.source = "/v", .target = "/etc"}});
    from.files = {{"/files/web/0", "/etc/app.conf"}};
    const auto found = at(from, {"/etc", "/etc/app.conf"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1]["source"], "/files/web/0");
    EXPECT_EQ(found[1]["options"], Json({"bind", "ro", "nosuid", "nodev", "noexec"}));
}

}  // namespace
}  // namespace shoal::host::oci
