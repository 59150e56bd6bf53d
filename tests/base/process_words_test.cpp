// The kernel's words: what is one, and what is none.
#include "node/base/process_words.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal {
namespace {

TEST(Capabilities, AreOneInEachSpelling) {
    for (const auto* text : {"NET_ADMIN", "net_admin", "CAP_NET_ADMIN", "cap_net_admin"}) {
        EXPECT_EQ(capability_name(text), "NET_ADMIN") << text;
    }
    EXPECT_EQ(capability_name("all"), "ALL");
    for (const auto* text : {"", "CAP_", "NET", "CAP_CAP_CHOWN", "NET ADMIN"}) {
        EXPECT_FALSE(capability_name(text)) << text;
    }
}

TEST(Capabilities, AreInOrderAndTheUsualOnesStayInside) {
    for (const auto names : {all_capabilities(), default_capabilities()}) {
        EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    }
    EXPECT_EQ(all_capabilities().size(), 41U) << "as of Linux 5.9";
    EXPECT_EQ(capability_number("CHOWN"), 0U);
    EXPECT_EQ(capability_number("SYS_ADMIN"), 21U);
    EXPECT_EQ(capability_number("CHECKPOINT_RESTORE"), 40U);
    EXPECT_FALSE(capability_number("ALL"));
    for (const auto name : default_capabilities()) {
        EXPECT_TRUE(stays_inside(name)) << name;
        EXPECT_EQ(capability_name(name), name);
    }
    EXPECT_TRUE(stays_inside("IPC_LOCK"));
    for (const auto* name : {"ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_MODULE", "SYS_PTRACE",
                             "DAC_READ_SEARCH", "SYS_NICE", "BPF"}) {
        EXPECT_FALSE(stays_inside(name)) << name;
    }
}

TEST(Sysctls, AreAContainersOwnOrEverybodys) {
    for (const auto* name : {"net.core.somaxconn", "net.ipv4.ip_unprivileged_port_start",
                             "kernel.shmmax", "kernel.sem", "fs.mqueue.msg_max"}) {
        EXPECT_TRUE(is_own_sysctl(name)) << name;
    }
    for (const auto* name : {"", "net.", "vm.max_map_count", "kernel.hostname", "kernel.panic",
                             "fs.file-max", "net.ipv4/../../vm.swappiness", "net.a b"}) {
        EXPECT_FALSE(is_own_sysctl(name)) << name;
    }
}

TEST(HostNames, ArePartsJoinedByDots) {
    for (const auto* name : {"web", "Web-1", "a.b.c", "under_score"}) {
        EXPECT_TRUE(is_host_name(name)) << name;
    }
    for (const auto& name : {std::string{}, std::string{"-a"}, std::string{"a..b"},
                             std::string{"a b"}, std::string{"a/b"}, std::string(65, 'a')}) {
        EXPECT_FALSE(is_host_name(name)) << name;
    }
}

TEST(Users, AreNamesAndNumbersWithAGroupOrNot) {
    for (const auto* text : {"fish", "1000", "1000:1000", "fish:0"}) {
        EXPECT_TRUE(is_user(text)) << text;
    }
    for (const auto* text : {"", ":", "fish:", ":1", "a:b:c", "a b", "a\n"}) {
        EXPECT_FALSE(is_user(text)) << text;
    }
}

TEST(Addresses, AreOfEitherKind) {
    for (const auto* text :
         {"10.0.0.1", "255.255.255.255", "::1", "fe80::1", "::", "1:2:3:4:5:6:7:8"}) {
        EXPECT_TRUE(is_ip_address(text)) << text;
    }
    for (const auto* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1.2", "a", "1:2", "1::2::3",
                             "1:2:3:4:5:6:7:8:9", "12345::", "10.0.0.+1"}) {
        EXPECT_FALSE(is_ip_address(text)) << text;
    }
}

TEST(MemoryFolders, HaveAPathAndKnownOptions) {
    const auto folder = parse_memory_folder("/scratch/:size=64m,mode=1770,exec");
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->path, "/scratch");
    EXPECT_EQ(folder->options, (std::vector<std::string>{"size=64m", "mode=1770", "exec"}));
    EXPECT_TRUE(parse_memory_folder("/run:uid=1000,gid=1000,ro,nr_inodes=1k"));
    EXPECT_TRUE(parse_memory_folder("/dev/shm"));
    for (const auto* text :
         {"", "scratch", "/", "/proc", "/proc/x", "/sys/fs", "/dev", "/dev/pts", "/a/../b", "/a//b",
          "/a:", "/a:dev", "/a:suid", "/a:size=", "/a:size=much", "/a:mode=9", "/a:mode=10000",
          "/a:context=x", "/a:size=1m,"}) {
        EXPECT_FALSE(parse_memory_folder(text)) << text;
    }
}

}  // namespace
}  // namespace shoal
