// What services of one project call one another, and which ports they need of other nodes.
#include "placement/names.h"

#include "placement/ledger.h"
#include "tests/placement/words.h"

#include <gmock/gmock.h>

namespace shoal::placement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PortWish implied(std::uint16_t port, Protocol protocol = Protocol::Tcp) {
    return {.container_port = port, .protocol = protocol, .reach = PortReach::Implied};
}

TEST(Names, AreOfAProjectAndAService) {
    EXPECT_EQ(project_of("shop/db"), "shop");
    EXPECT_EQ(service_of("shop/db"), "db");
    EXPECT_EQ(project_of("web"), "");
    EXPECT_EQ(service_of("a/b/c"), "b/c");
}

TEST(Names, ThatCannotStandInAHostsFileAreRefused) {
    auto spec = job(1, 1, "shop/web");
    spec.naming = {{"front", "Web.App_1"}, {{"database", "shop/db"}}};
    EXPECT_TRUE(validate(spec));
    for (const std::string& bad :
         {std::string{}, std::string{"a b"}, std::string{"a\n1.2.3.4 b"}, std::string(64, 'a')}) {
        spec.naming = {{bad}, {}};
        const auto refused = validate(spec);
        ASSERT_FALSE(refused) << bad;
        EXPECT_THAT(refused.error().detail, HasSubstr("aliases"));
        spec.naming = {{}, {{bad, "shop/db"}}};
        EXPECT_FALSE(validate(spec)) << bad;
    }
    spec.naming = {{}, {{"database", "NO JOB"}}};
    EXPECT_FALSE(validate(spec));
    spec.naming = {std::vector<std::string>(kAliasesMax + 1, "a"), {}};
    EXPECT_FALSE(validate(spec));
}

TEST(Names, DoNotRestartAnything) {
    auto spec = job(1, 1, "shop/web");
    const auto hash = template_hash(spec.container);
    spec.naming.aliases = {"front"};
    EXPECT_EQ(template_hash(spec.container), hash);
    EXPECT_EQ(decode_job(encode_job(spec)).value(), spec);
}

TEST(ImpliedPorts, AreWhatTheImageExposesAndOtherNodesCannotReachYet) {
    auto spec = job(1, 1, "shop/web");
    const PortWish open{.host_port = 8080, .container_port = 80};
    const PortWish local{.host_ip = "127.0.0.1", .host_port = 9000, .container_port = 90};
    const PortWish exposed{.container_port = 100, .reach = PortReach::Exposed};
    spec.container.ports = {open, local, exposed};
    const std::vector<PlainPort> image{{80}, {100}, {53, Protocol::Udp}};
    imply_ports(spec, image);
    EXPECT_THAT(spec.container.ports,
                ElementsAre(open, local, exposed, implied(53, Protocol::Udp), implied(90)));
    // The same again changes nothing, or the job would restart for nothing.
    const auto once = spec;
    imply_ports(spec, image);
    EXPECT_EQ(spec, once);
    imply_ports(spec, {});
    EXPECT_THAT(spec.container.ports, ElementsAre(open, local, exposed, implied(90)));
}

TEST(ImpliedPorts, AreNoneWithoutSiblingsAndNeverTooMany) {
    auto alone = job();
    imply_ports(alone, {{80}});
    EXPECT_THAT(alone.container.ports, IsEmpty());
    auto spec = job(1, 1, "shop/web");
    std::vector<PlainPort> many;
    for (std::uint16_t port = 1; port <= 1000; ++port)
        many.push_back({port});
    imply_ports(spec, many);
    EXPECT_EQ(spec.container.ports.size(), kPortsMax);
    EXPECT_TRUE(validate(spec));
}

TEST(ServedPorts, AreToldOfJobsWithSiblingsAlone) {
    const std::vector<PortWish> wishes{
        {.host_port = 8080, .container_port = 80},
        {.host_ip = "127.0.0.1", .host_port = 9000, .container_port = 90},
        implied(90)};
    Promise promise{.slot = {"shop/web", 0}, .epoch = 1, .spec = job(1, 1, "shop/web")};
    promise.spec.container.ports = wishes;
    promise.host_ports = {8080, 9000, 20'000};
    EXPECT_THAT(published_ports(promise), ElementsAre(8080, 9000));
    EXPECT_THAT(served_ports(promise),
                ElementsAre(ServedPort{{80}, 8080}, ServedPort{{90}, 20'000}));
    promise.slot.job = "web";
    EXPECT_THAT(served_ports(promise), IsEmpty());
}

}  // namespace
}  // namespace shoal::placement
