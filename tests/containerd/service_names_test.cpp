// The cluster's services in the words of the network, and the names containers find them by.
#include "node/host/containerd/service_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::host::ctrd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const placement::ContainerId kWeb{{"shop/web", 0}, 1};
const placement::ContainerId kApi{{"shop/api", 0}, 1};

ServiceTable table() {
    const placement::ServedPort dns{{53, placement::Protocol::Udp}, 20'001};
    NamedProject shop{.name = "shop", .containers = {kWeb, kApi}};
    shop.services = {{.name = "api", .aliases = {"backend", "WEB", "Main"}},
                     {.name = "web", .aliases = {"main"}}};
    shop.services[0].replicas = {{.here = true, .container = kApi},
                                 {.address = "192.0.2.7", .ports = {dns}},
                                 {.address = "2001:db8::7", .ports = {dns}}};
    shop.links["shop/web"] = {{"database", "api"}, {"bad name", "api"}};
    return {{shop}, {"192.0.2.7", "2001:db8::7"}};
}

std::string name_of(const placement::ContainerId& id) {
    return "c-" + std::string{placement::service_of(id.slot.job)};
}

std::vector<std::string> names(const std::string& job) {
    const auto address = [](const std::string& project, const std::string& service) {
        return std::optional{network::Ipv4{project == "shop" && service == "api" ? 1U : 2U}};
    };
    std::vector<std::string> out;
    for (const auto& name : host_names(table(), job, address))
        out.push_back(name.name + "=" + std::to_string(name.address.value));
    return out;
}

TEST(ServiceNames, BecomeProjectsOfTheNetwork) {
    const auto projects = projects_of(table(), name_of);
    ASSERT_THAT(projects, SizeIs(1));
    EXPECT_THAT(projects[0].containers, ElementsAre("c-web", "c-api"));
    const network::Replica here{"c-api", {}, {}};
    const network::Replica far{
        {}, *network::parse_ipv4("192.0.2.7"), {{network::Protocol::Udp, 53, 20'001}}};
    ASSERT_THAT(projects[0].services, SizeIs(2));
    EXPECT_THAT(projects[0].services[0].replicas, ElementsAre(here, far));
    EXPECT_THAT(projects[0].services[1].replicas, IsEmpty());
    EXPECT_THAT(members_of(table()), ElementsAre(*network::parse_ipv4("192.0.2.7")));
}

TEST(ServiceNames, StandOnceForTheFirstThatHasThem) {
    EXPECT_THAT(names("shop/web"),
                ElementsAre("database=1", "api=1", "web=2", "backend=1", "Main=1"));
    EXPECT_THAT(names("shop/api"), ElementsAre("api=1", "web=2", "backend=1", "Main=1"));
    EXPECT_THAT(names("other/api"), IsEmpty());
    EXPECT_THAT(names("api"), IsEmpty());
}

}  // namespace
}  // namespace shoal::host::ctrd
