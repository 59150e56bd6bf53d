// Runs that were killed: what lives is adopted, what is half made is removed.
#include "node/host/network/namespaces.h"
#include "tests/network/world/world.h"
#include "tests/support/seeds.h"

#include <array>
#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace shoal::network::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class KilledRun : public World {
protected:
    // A run that does `work` and is killed where it stands.
    void killed_run(const std::function<void(Network&)>& work) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            work(*opened(settings()));
            (void)::raise(SIGKILL);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
    }

    static void two_containers(Network& network) {
        attached(network, "web", {tcp("0.0.0.0", 8080, 80), tcp("127.0.0.1", 9876, 80)});
        attached(network, "db", {});
    }
};

TEST_F(KilledRun, AKilledRunsContainersLiveOnAndAreAdopted) {
    killed_run(two_containers);
    const Server server{"/run/shoal/7f3a91c2/netns/web", "0.0.0.0", 80, "web"};
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
    const std::string before = snapshot();
    const auto network = opened(settings());
    EXPECT_EQ(snapshot(), before);
    EXPECT_THAT(network->notices(), IsEmpty());
    const auto web = network->find("web");
    ASSERT_TRUE(web);
    EXPECT_THAT(web->ports, SizeIs(2));
    EXPECT_TRUE(network->find("db"));
    EXPECT_EQ(listening_fails_with("0.0.0.0", 8080), EADDRINUSE);  // kept again
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
    EXPECT_THAT(fetch(kHost, "127.0.0.1", 9876), StartsWith("web"));
    const auto more = attached(*network, "more", {});
    EXPECT_NE(more.address, web->address);
}

TEST_F(KilledRun, RulesFlushedWhileNobodyWatchedAreBackAfterTheStart) {
    killed_run(two_containers);
    nft("flush ruleset");
    run(kHost, "ip link delete shoal-7f3a91c2");
    const auto network = opened(settings());
    const Server server{"/run/shoal/7f3a91c2/netns/web", "0.0.0.0", 80, "web"};
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
}

TEST_F(KilledRun, APortTakenWhileNobodyKeptItIsSaid) {
    killed_run(two_containers);
    const Server stranger{kHost, "127.0.0.1", 9876, "stranger"};
    const auto network = opened(settings());
    EXPECT_THAT(network->notices(),
                ElementsAre(AllOf(HasSubstr("127.0.0.1:9876/tcp"), HasSubstr("container web"))));
}

TEST_F(KilledRun, ContainersThatAreNoMoreAreRemovedAfterAKill) {
    std::string before;
    {
        const auto network = opened(settings());
        before = snapshot();
    }
    killed_run(two_containers);
    const auto network = opened(settings());
    const auto gone = network->keep_only({"db"});
    ASSERT_TRUE(gone);
    EXPECT_THAT(*gone, ElementsAre("web"));
    EXPECT_TRUE(network->find("db"));
    ASSERT_TRUE(network->keep_only({}));
    EXPECT_EQ(snapshot(), before);
}

TEST_F(KilledRun, ClearRemovesAllOfANodeAndOnlyThat) {
    run(kHost, "iptables -P FORWARD DROP");
    const auto neighbour_node = opened(settings(0x11111111));
    attached(*neighbour_node, "theirs", {tcp("0.0.0.0", 9090, 80)});
    const std::string before = snapshot();
    killed_run(two_containers);
    EXPECT_NE(snapshot(), before);
    const auto cleared = Network::clear(settings().node, settings().run_dir);
    ASSERT_TRUE(cleared) << cleared.error().detail;
    EXPECT_THAT(*cleared, AllOf(Contains("nft table ip shoal_7f3a91c2"),
                                Contains("rules in chain FORWARD of ip filter"),
                                Contains("link shoal-7f3a91c2"), Contains("link v7f3a91c2-0002"),
                                Contains("/run/shoal/7f3a91c2/netns/web")));
    EXPECT_EQ(snapshot(), before);
    const auto again = Network::clear(settings().node, settings().run_dir);
    ASSERT_TRUE(again);
    EXPECT_THAT(*again, IsEmpty());
}

// Each step of attaching and detaching, cut off after it.
TEST_F(KilledRun, WhatAKillLeftHalfMadeIsRemoved) {
    std::string before;
    {
        const auto network = opened(settings());
        before = snapshot();
    }
    const std::string folder = "/run/shoal/7f3a91c2/";
    const std::string record = R"({"container":"web","address":")" +
                               to_string(opened(settings())->bridge().subnet.at(9)) +
                               R"(","ports":[]})";
    const std::vector<std::function<void()>> cuts{
        [&] { std::ofstream{folder + "containers/web.json.new"} << record.substr(0, 20); },
        [&] { std::ofstream{folder + "containers/web.json"} << record; },
        [&] {
            std::ofstream{folder + "containers/web.json"} << record;
            std::ofstream{folder + "netns/web"} << "";
        },
        [&] { ASSERT_TRUE(make_namespace(folder + "netns/web")); },
        [&] { run(kHost, "ip link add v7f3a91c2-0009 type veth peer name v7f3a91c2-peer"); },
        [&] { std::ofstream{folder + "containers/web.json"} << "{"; },
    };
    for (const auto& cut : cuts) {
        cut();
        EXPECT_NE(snapshot(), before);
        EXPECT_TRUE(opened(settings())->attachments().empty());
        EXPECT_EQ(snapshot(), before);
    }
}

// A run that attaches and detaches for ever, in a process group of its own: its nft dies with it.
pid_t busy_run(const Settings& settings, int progress) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    (void)::setpgid(0, 0);
    const auto network = Network::open(settings);
    if (!network) ::_exit(1);
    for (int i = 0;; ++i) {
        const std::string name = "web-" + std::to_string(i % 4);
        (void)::write(progress, "a", 1);
        (void)(*network)->attach(name, {tcp("0.0.0.0", 0, 80), tcp("127.0.0.1", 0, 80)});
        (void)::write(progress, "d", 1);
        if (i % 3 != 0) (void)(*network)->detach(name);
    }
}

// The link is on the bridge, and the container's end of it knows no address yet.
TEST_F(KilledRun, AContainerWithoutItsAddressIsGivenIt) {
    killed_run(two_containers);
    const std::string space = "/run/shoal/7f3a91c2/netns/web";
    run(space, "ip address flush dev eth0");
    run(space, "ip link set eth0 down");
    const auto network = opened(settings());
    const Server server{space, "0.0.0.0", 80, "web"};
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
}

TEST_F(KilledRun, OneContainerBeyondHelpKeepsNobodyFromTheOthers) {
    killed_run(two_containers);
    run("/run/shoal/7f3a91c2/netns/db", "ip link set eth0 down");
    run("/run/shoal/7f3a91c2/netns/db", "ip link set eth0 name mine");
    const auto network = opened(settings());
    EXPECT_THAT(network->notices(), ElementsAre(HasSubstr("container db: ")));
    const Server server{"/run/shoal/7f3a91c2/netns/web", "0.0.0.0", 80, "web"};
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
}

TEST_F(KilledRun, MayBeKilledInTheMiddleOfAnything) {
    std::string before;
    {
        const auto network = opened(settings());
        before = snapshot();
    }
    for (const std::uint64_t seed : shoal::tests::seeds(12)) {
        SCOPED_TRACE(shoal::tests::replay(seed));
        std::array<int, 2> progress{};
        ASSERT_EQ(::pipe(progress.data()), 0);
        const Descriptor reading{progress[0]};
        const pid_t child = [&] {
            const Descriptor writing{progress[1]};
            return busy_run(settings(), writing.get());
        }();
        ASSERT_GT(child, 0);
        // After so many steps have begun; where in the last one, the machine decides.
        for (std::uint64_t step = 0; step <= seed; ++step) {
            char byte = 0;
            ASSERT_EQ(::read(reading.get(), &byte, 1), 1);
        }
        (void)::kill(-child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        {
            const auto network = opened(settings());
            EXPECT_THAT(network->watch().failed, IsEmpty());
            for (const Attachment& alive : network->attachments()) {
                const Server server{alive.namespace_path, "0.0.0.0", 80, alive.container};
                EXPECT_THAT(fetch(kNeighbour, kHostAddress, alive.ports[0].host_port),
                            StartsWith(alive.container + " for"));
            }
            ASSERT_TRUE(network->keep_only({}));
            EXPECT_EQ(snapshot(), before);
        }
    }
}

// A namespace with its record, but no link yet: attaching was under way. It is as good as attached
// until the runtime says that there is no such container.
TEST_F(KilledRun, AHalfAttachedContainerIsCompletedUntilNobodyWantsIt) {
    killed_run(two_containers);
    run(kHost, "ip link delete v7f3a91c2-0002");
    const auto network = opened(settings());
    EXPECT_THAT(network->notices(), ElementsAre("the link of container web was gone"));
    const Server server{"/run/shoal/7f3a91c2/netns/web", "0.0.0.0", 80, "web"};
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
}

}  // namespace
}  // namespace shoal::network::tests
