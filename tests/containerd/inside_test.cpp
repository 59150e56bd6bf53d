// What a program finds inside, and which images it can come from.
#include "node/host/network/namespaces.h"
#include "tests/containerd/containerd_fixture.h"

namespace shoal::tests {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

TEST_F(ContainerdTest, AProgramIsRestricted) {
    agent_starts();
    auto look = shell(
        slot(2),
        "grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; hostname; "
        "head -c 1 /proc/kcore | wc -c; touch /sys/x 2>/dev/null || echo sys readonly; "
        "unshare -U true 2>/dev/null || echo no namespaces; touch /run/x && echo run writable; "
        "mount -t tmpfs none /tmp 2>/dev/null || echo no mounts; "
        "echo $FROM_IMAGE $FROM_JOB $SHOAL_SLOT; cat /proc/self/cgroup");
    look.container.environment = {{"FROM_JOB", "too"}};
    runs(look);
    EXPECT_EQ(next_report().exit_code, 0);
    const auto text = output(slot(2));
    for (const char* line :
         {"CapEff:\t00000000a80425fb\n", "CapBnd:\t00000000a80425fb\n", "NoNewPrivs:\t1\n",
          "Seccomp:\t2\n", "app-web-2\n", "\n0\n", "sys readonly\n", "no namespaces\n",
          "run writable\n", "no mounts\n", "yes too 2\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    EXPECT_THAT(text, HasSubstr(name_space() + "/" + name_of(slot(2))));
}

TEST_F(ContainerdTest, LimitsAreThoseOfTheJob) {
    agent_starts();
    auto limited = request(slot(1), {});
    limited.container.need = {500, 64U << 20U};
    runs(limited);
    const auto usage = ask(client_->usage(name_of(slot(1))));
    ASSERT_TRUE(usage) << usage.error().detail;
    EXPECT_GT(usage->memory_bytes, 0U);
    EXPECT_LT(usage->memory_bytes, 64U << 20U);
    EXPECT_EQ(usage->oom_kills, 0U);
    const auto record = ask(client_->container(name_of(slot(1))));
    ASSERT_TRUE(record);
    EXPECT_THAT(record->spec, HasSubstr("\"quota\":50000"));
}

TEST_F(ContainerdTest, AProgramCannotHaveMoreProcessesOrSwapThanItsLimit) {
    agent_starts();
    auto limited = shell(slot(1),
                         "cd /sys/fs/cgroup; cat pids/pids.max pids.max; cat "
                         "memory/memory.limit_in_bytes memory.max; cat /proc/keys "
                         "/proc/timer_list | wc -c; echo x 2>&1 > /proc/sys/vm/swappiness");
    limited.container.need.memory_bytes = 64U << 20U;
    runs(limited);
    EXPECT_NE(next_report().exit_code, 0) << "/proc/sys is read-only";
    EXPECT_EQ(output(slot(1)),
              "4096\n67108864\n0\n"
              "sh: can't create /proc/sys/vm/swappiness: Read-only file system\n");
}

TEST_F(ContainerdTest, AUserIsFoundByItsNameInTheImage) {
    agent_starts();
    auto fish = shell(slot(1), "id");
    fish.container.image = "test/fish";  // and the tag goes without saying
    runs(fish);
    EXPECT_EQ(next_report().exit_code, 0);
    EXPECT_EQ(output(slot(1)), "uid=1234(fish) gid=1234(fish) groups=4321(shoal)\n");
}

TEST_F(ContainerdTest, AnArchiveThatDockerSavedRunsToo) {
    const host::ctrd::ImportWish wish{
        .socket = daemon_.socket(), .name_space = name_space(), .archive = SHOAL_TEST_SAVED_IMAGE};
    const auto first = host::ctrd::import_images(wish);
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ(first->at(0).name, "test/saved:1");
    const auto again = host::ctrd::import_images(wish);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*first, *again);
    agent_starts();
    auto saved = shell(slot(1), "cat /etc/passwd");
    saved.container.image = "test/saved:1";
    runs(saved);
    EXPECT_EQ(next_report().exit_code, 0);
    EXPECT_THAT(output(slot(1)), HasSubstr("fish:x:1234"));
}

TEST_F(ContainerdTest, ImagesAreNamedAsAskedAndOnlyOneCanBe) {
    host::ctrd::ImportWish wish{.socket = daemon_.socket(),
                                .name_space = name_space(),
                                .archive = SHOAL_TEST_SAVED_IMAGE,
                                .name = "mine:2"};
    ASSERT_TRUE(host::ctrd::import_images(wish));
    const auto names = ask(client_->image_names());
    ASSERT_TRUE(names);
    EXPECT_THAT(*names, Contains(Field(&host::ctrd::ImageName::name, "mine:2")));
    wish.archive = SHOAL_TEST_IMAGE;  // several of them
    EXPECT_FALSE(host::ctrd::import_images(wish));
    wish.archive = "/nonexistent.tar";
    EXPECT_FALSE(host::ctrd::import_images(wish));
}

TEST_F(ContainerdTest, ANetworkIsAskedForBeforeTheContainerAndGivenBackAfterIt) {
    std::vector<std::string> asked;
    const auto path = daemon_.folder() + "/net";
    ASSERT_TRUE(network::make_namespace(path));
    auto with = settings();
    with.network.attach = [&](const placement::StartContainer& request,
                              const host::ContainerNetwork::Attached& attached) {
        asked.push_back("attach " + to_string(request.id.slot));
        attached(host::NetworkPlace{.namespace_path = path});
    };
    with.network.detach = [&](const ContainerId& id) {
        asked.push_back("detach " + to_string(id.slot));
    };
    agent_starts(with);
    runs(shell(slot(1), "exit 0"));
    EXPECT_EQ(next_report().exit_code, 0);
    run_until("the end of its network", [&] { return asked.size() == 2; });
    EXPECT_THAT(asked, ::testing::ElementsAre("attach app/web.1", "detach app/web.1"));
    EXPECT_TRUE(network::remove_namespace(path));
}

}  // namespace
}  // namespace shoal::tests
