#include "node/host/network/services.h"

#include "node/host/network/hosts_file.h"
#include "node/host/network/service_addresses.h"
#include "node/host/network/service_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace shoal::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const Names kNames = names_of(NodeId{0x7f3a91c200000000, 0});
const Subnet kServices = masked(*parse_ipv4("10.199.8.0"), 28);
const Ipv4 kApi = kServices.at(2);
const Ipv4 kFar = *parse_ipv4("192.0.2.7");
const std::map<std::string, Ipv4> kHere{{"web", *parse_ipv4("10.210.4.2")},
                                        {"api", *parse_ipv4("10.210.4.3")}};

const FarPort kHttp{Protocol::Tcp, 80, 20001};
const FarPort kDns{Protocol::Udp, 53, 20002};

Project shop(std::vector<Service> services) {
    return {"shop", {"web", "api", "not-yet"}, std::move(services)};
}

std::string text_of(const Service& service) {
    const auto one = translation_of(shop({service}), service, kApi, kHere);
    return services_text(kNames, kServices, {one});
}

TEST(Translation, SendsKnownPortsEverywhereAndOthersToWhatIsHere) {
    const Service api{"api", {{"api", {}, {kHttp}}, {"", kFar, {kHttp, kDns}}}};
    const auto one = translation_of(shop({api}), api, kApi, kHere);
    EXPECT_THAT(one.sources, ElementsAre(kHere.at("web"), kHere.at("api")));
    const Target far_http{kFar, 20001};
    const Target far_dns{kFar, 20002};
    const Target near_http{kHere.at("api"), 80};
    const Target near_dns{kHere.at("api"), 53};
    EXPECT_THAT(one.ports.at({Protocol::Tcp, 80}), ElementsAre(far_http, near_http));
    EXPECT_THAT(one.ports.at({Protocol::Udp, 53}), ElementsAre(far_dns, near_dns));
    EXPECT_THAT(one.any, ElementsAre(Target{kHere.at("api"), 0}));
}

TEST(Translation, LeavesOutWhatIsNotAttached) {
    const Service api{"api", {{"not-yet", {}, {kHttp}}}};
    const auto one = translation_of(shop({api}), api, kApi, kHere);
    EXPECT_THAT(one.ports, IsEmpty());
    EXPECT_THAT(one.any, IsEmpty());
}

TEST(ServiceRules, LetOnlyTheProjectIn) {
    EXPECT_THAT(text_of({"api", {{"api", {}, {}}}}),
                HasSubstr("elements = { 10.210.4.2 . 10.199.8.2 : goto to_10_199_8_2, "
                          "10.210.4.3 . 10.199.8.2 : goto to_10_199_8_2 }"));
}

TEST(ServiceRules, ChooseAmongSeveralByChance) {
    const auto text = text_of({"api", {{"api", {}, {}}, {"", kFar, {kHttp}}}});
    EXPECT_THAT(text, HasSubstr("tcp dport 80 dnat ip to numgen random mod 2 map { 0 : 192.0.2.7 . "
                                "20001, 1 : 10.210.4.3 . 80 }\n"));
    EXPECT_THAT(text, HasSubstr("meta l4proto { tcp, udp } dnat ip to 10.210.4.3\n"));
}

TEST(ServiceRules, RefuseWhatNobodyAnswers) {
    const auto text = text_of({"api", {}});
    EXPECT_THAT(text, Not(HasSubstr("dnat")));
    EXPECT_THAT(text, HasSubstr("ip daddr 10.199.8.0/28 meta l4proto tcp reject with tcp reset"));
    EXPECT_THAT(services_text(kNames, kServices, {}), Not(HasSubstr("elements")));
}

TEST(ServiceAddresses, StayWhileTheProjectIsHere) {
    ServiceMemory memory;
    EXPECT_THAT(give_addresses(memory, kServices, {shop({{"api", {}}, {"db", {}}})}), IsEmpty());
    const auto first = memory.addresses;
    EXPECT_THAT(first, SizeIs(2));
    // One goes and one comes: nobody who knows an address is misled.
    EXPECT_THAT(give_addresses(memory, kServices, {shop({{"api", {}}, {"web", {}}})}), IsEmpty());
    EXPECT_EQ(memory.addresses.at({"shop", "api"}), first.at({"shop", "api"}));
    EXPECT_EQ(memory.addresses.at({"shop", "db"}), first.at({"shop", "db"}));
    EXPECT_THAT(memory.addresses, SizeIs(3));
    EXPECT_THAT(give_addresses(memory, kServices, {}), IsEmpty());
    EXPECT_THAT(memory.addresses, IsEmpty());
}

TEST(ServiceAddresses, RunOutAndAreTakenFromThoseThatWent) {
    ServiceMemory memory;
    std::vector<Service> many;
    for (int i = 0; i < 14; ++i)
        many.push_back({"s" + std::to_string(i), {}});
    EXPECT_THAT(give_addresses(memory, kServices, {shop(many)}), SizeIs(1));
    EXPECT_THAT(memory.addresses, SizeIs(13));
    EXPECT_THAT(give_addresses(memory, kServices, {shop({{"new", {}}})}), IsEmpty());
    EXPECT_TRUE(memory.addresses.contains({"shop", "new"}));
}

TEST(ServiceAddresses, OutsideOfTheRangeAreGivenAnew) {
    ServiceMemory memory;
    memory.addresses[{"shop", "api"}] = kFar;
    EXPECT_THAT(give_addresses(memory, kServices, {shop({{"api", {}}})}), IsEmpty());
    EXPECT_TRUE(kServices.contains(memory.addresses.at({"shop", "api"})));
}

TEST(ServiceMemory, ReadsWhatItWritesAndForgetsWhatIsDamaged) {
    ServiceMemory memory;
    memory.addresses[{"shop", "api"}] = kApi;
    memory.members = {kFar};
    const auto text = write_memory(memory);
    EXPECT_EQ(read_memory(text), memory);
    for (std::size_t length = 0; length + 2 < text.size(); ++length)
        EXPECT_EQ(read_memory(text.substr(0, length)), ServiceMemory{}) << length;
}

TEST(HostsFile, KeepsItsFirstPartAndOneListOfServices) {
    const std::string own = "127.0.0.1\tlocalhost\n10.210.4.3\tweb-0\n";
    const auto first = with_services(own, {{"api", kApi}});
    EXPECT_TRUE(first.starts_with(own));
    EXPECT_TRUE(first.ends_with("10.199.8.2\tapi\n"));
    const auto second = with_services(first, {{"db", kServices.at(3)}});
    EXPECT_TRUE(second.starts_with(own));
    EXPECT_THAT(second, Not(HasSubstr("api")));
    EXPECT_TRUE(second.ends_with("10.199.8.3\tdb\n"));
    EXPECT_EQ(with_services(second, {}), own);
    EXPECT_THAT(with_services("no end of line", {{"api", kApi}}), HasSubstr("line\n#"));
}

// The container sees this very file.
TEST(HostsFile, IsWrittenOverAndNotReplaced) {
    std::string path = std::filesystem::temp_directory_path() / "shoal-hosts-XXXXXX";
    const int fd = ::mkstemp(path.data());
    ASSERT_GE(fd, 0);
    (void)::close(fd);
    std::ofstream{path} << "127.0.0.1\tlocalhost\n";

    struct stat before {};

    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    const auto content = [&] {
        std::ostringstream out;
        out << std::ifstream{path}.rdbuf();
        return out.str();
    };
    ASSERT_TRUE(refresh_hosts(path, {{"api", kApi}, {"db", kServices.at(3)}}));
    EXPECT_TRUE(content().ends_with("10.199.8.2\tapi\n10.199.8.3\tdb\n"));
    ASSERT_TRUE(refresh_hosts(path, {{"api", kApi}}));
    EXPECT_TRUE(content().ends_with("10.199.8.2\tapi\n"));
    ASSERT_TRUE(refresh_hosts(path, {}));
    EXPECT_EQ(content(), "127.0.0.1\tlocalhost\n");

    struct stat after {};

    ASSERT_EQ(::stat(path.c_str(), &after), 0);
    EXPECT_EQ(after.st_ino, before.st_ino);
    std::filesystem::remove(path);
    EXPECT_FALSE(refresh_hosts(path, {}));
}

}  // namespace
}  // namespace shoal::network
