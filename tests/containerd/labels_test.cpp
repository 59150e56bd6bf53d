// What needs no containerd: names, labels, archives. In this folder for what it links.
#include "node/host/containerd/labels.h"

#include "node/host/containerd/image_archive.h"
#include "node/host/containerd/log_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace shoal::host::ctrd {
namespace {

const Identity kWeb{NodeId{1, 2}, {{"app/web", 3}, 9}};

TEST(Labels, LeadBackToTheContainer) {
    const auto labels = make_labels(kWeb, {{"own", "label"}, {"shoal.epoch", "1"}});
    EXPECT_EQ(read_labels(labels), kWeb);
    EXPECT_EQ(labels.at("own"), "label");
}

TEST(Labels, AreCompleteOrNothing) {
    for (const char* key : {"shoal.node", "shoal.job", "shoal.slot", "shoal.epoch"}) {
        auto labels = make_labels(kWeb, {});
        labels.erase(key);
        EXPECT_FALSE(read_labels(labels)) << key;
        labels[key] = "";
        EXPECT_FALSE(read_labels(labels)) << key;
    }
    auto labels = make_labels(kWeb, {});
    labels["shoal.slot"] = "4294967296";
    EXPECT_FALSE(read_labels(labels));
}

TEST(Labels, IdsAreWhatContainerdTakesAndDifferWhereTheyMust) {
    const std::regex allowed{"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*"};
    std::set<std::string> ids;
    for (const auto& job :
         {std::string{"web"}, std::string{"app/web"}, std::string{"app-web"}, std::string{"-"},
          std::string(128, 'a'), std::string(128, 'a') + "b", std::string{"a__b//c--"}}) {
        for (const NodeId node : {NodeId{1, 2}, NodeId{2, 1}}) {
            const auto id = containerd_id({node, {{job, 4294967295}, placement::kEpochMax}});
            EXPECT_LE(id.size(), 76U);
            EXPECT_TRUE(std::regex_match(id, allowed)) << id;
            EXPECT_TRUE(ids.insert(id).second) << id;
        }
    }
    EXPECT_EQ(hostname_of({"app/web", 2}), "app-web-2");
}

TEST(LogFiles, StayBelowTheirFolder) {
    const auto files = log_files("/logs", {{"../../etc", 1}, 2});
    EXPECT_EQ(files.out.find(".."), std::string::npos);
    EXPECT_EQ(log_files("/logs", {{"app/web", 1}, 2}).err, "/logs/app/web/1-2/stderr");
}

TEST(Archive, BothKindsTellTheSameImage) {
    const auto layout = survey_archive(SHOAL_TEST_IMAGE);
    ASSERT_TRUE(layout) << layout.error().detail;
    ASSERT_EQ(layout->images.size(), 3U);
    EXPECT_THAT(layout->images[0].names, ::testing::ElementsAre("test/busybox:1"));
    EXPECT_TRUE(layout->made.empty());
    const auto saved = survey_archive(SHOAL_TEST_SAVED_IMAGE);
    ASSERT_TRUE(saved) << saved.error().detail;
    ASSERT_EQ(saved->images.size(), 1U);
    EXPECT_THAT(saved->images[0].names, ::testing::ElementsAre("test/saved:1"));
    EXPECT_EQ(saved->files.size(), 3U);
    EXPECT_EQ(saved->made.size(), 1U);
}

TEST(Archive, RefusesWhatIsNone) {
    EXPECT_FALSE(survey_archive("/proc/self/exe"));
    EXPECT_FALSE(survey_archive("/nonexistent"));
}

}  // namespace
}  // namespace shoal::host::ctrd
