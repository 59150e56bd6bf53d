// How a service's program runs and what it may do: each key in each of its forms, as the job has
// it.
#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "process" of the job, as one line.
std::string process(const std::string& keys) {
    return Json(service(keys).process.members).dump();
}

std::vector<std::string> privileges(const std::string& keys) {
    std::vector<std::string> out;
    for (const auto& problem : service(keys).process.privileges) {
        out.push_back(to_string("f", problem));
    }
    return out;
}

std::string complaint(const std::string& keys) {
    return complaints("services:\n  web:\n    image: web\n" + keys);
}

TEST(Process, SaysNothingWhereTheFileDoesNot) {
    EXPECT_EQ(process(""), "{}");
    EXPECT_EQ(process("    privileged: false\n    read_only: false\n    tty: false\n"
                      "    cap_add: []\n    oom_score_adj: 0\n    shm_size: 0\n"),
              "{}");
}

TEST(Process, RunsAsWhoAndWhereTheFileSays) {
    EXPECT_EQ(process("    user: 1000:1000\n    group_add: [audio, 44]\n    working_dir: /srv\n"
                      "    hostname: db\n    domainname: fish.example\n    stop_signal: SIGUSR1\n"),
              R"({"domainname":"fish.example","group_add":["audio","44"],"hostname":"db",)"
              R"("stop_signal":"SIGUSR1","user":"1000:1000","working_dir":"/srv"})");
    EXPECT_EQ(
        process("    user: fish\n    tty: true\n    stdin_open: 'true'\n    read_only: true\n"),
        R"({"read_only":true,"stdin_open":true,"tty":true,"user":"fish"})");
    EXPECT_TRUE(service("    init: true\n").init);
    EXPECT_FALSE(service("    init: false\n").init);
    EXPECT_THAT(complaint("    user: 'a:b:c'\n"),
                HasSubstr("f:4:11: user: 'a:b:c' does not fit; allowed is USER or USER:GROUP"));
    EXPECT_THAT(complaint("    working_dir: srv\n"), HasSubstr("a path from the root"));
    EXPECT_THAT(complaint("    hostname: a b\n"), HasSubstr("f:4:15: hostname: 'a b'"));
    EXPECT_THAT(complaint("    stop_signal: SIGNONE\n"), HasSubstr("a signal, as SIGINT or 2"));
    EXPECT_THAT(complaint("    group_add: [a, 'b c']\n"), HasSubstr("f:4:20: group_add: 'b c'"));
}

TEST(Process, HasCapabilitiesInEitherSpelling) {
    EXPECT_EQ(process("    cap_add: [CAP_IPC_LOCK, chown, CHOWN]\n    cap_drop: [all]\n"),
              R"({"cap_add":["CHOWN","IPC_LOCK"],"cap_drop":["ALL"]})");
    EXPECT_THAT(privileges("    cap_add: [IPC_LOCK]\n    cap_drop: [ALL]\n"), IsEmpty());
    EXPECT_THAT(privileges("    cap_add:\n      - CHOWN\n      - NET_ADMIN\n"),
                ElementsAre("f:6:9: services.web.cap_add: NET_ADMIN reaches beyond its container"));
    EXPECT_THAT(complaint("    cap_add: [SYS_ADMINISTRATOR]\n"),
                HasSubstr("f:4:15: cap_add: 'SYS_ADMINISTRATOR' does not fit; allowed is ALL or a "
                          "capability of Linux"));
}

TEST(Process, MayGainPrivilegesOnlyWhereAsked) {
    EXPECT_EQ(process("    security_opt: ['no-new-privileges:true', 'label:disable']\n"), "{}");
    EXPECT_EQ(process("    security_opt: ['no-new-privileges=false']\n"),
              R"({"no_new_privileges":false})");
    EXPECT_THAT(privileges("    security_opt: ['no-new-privileges:false']\n"),
                ElementsAre(HasSubstr("security_opt: lets programs gain privileges")));
    EXPECT_EQ(process("    privileged: true\n"), R"({"privileged":true})");
    EXPECT_THAT(privileges("    privileged: true\n"),
                ElementsAre("f:4:17: services.web.privileged: reaches beyond its container"));
}

TEST(Process, HasSwitchesOfItsOwnAlone) {
    EXPECT_EQ(process("    sysctls: {net.core.somaxconn: 1024, kernel.shmmax: 0x10}\n"),
              R"({"sysctls":{"kernel.shmmax":"0x10","net.core.somaxconn":"1024"}})");
    EXPECT_EQ(process("    sysctls: [net.ipv4.tcp_syncookies=0]\n"),
              R"({"sysctls":{"net.ipv4.tcp_syncookies":"0"}})");
    EXPECT_THAT(complaint("    sysctls: {vm.max_map_count: 262144}\n"),
                HasSubstr("f:4:33: sysctls: 'vm.max_map_count' is the whole node's"));
    EXPECT_THAT(complaint("    sysctls: [net.core.somaxconn]\n"), HasSubstr("has no value"));
}

TEST(Process, HasLimitsOfOneNumberOrTwo) {
    EXPECT_EQ(process("    ulimits: {nproc: 65535, nofile: {soft: 2, hard: 4}, memlock: -1}\n"),
              R"({"ulimits":{"memlock":{"hard":-1,"soft":-1},"nofile":{"hard":4,"soft":2},)"
              R"("nproc":{"hard":65535,"soft":65535}}})");
    EXPECT_THAT(privileges("    ulimits: {rtprio: 99}\n"), ElementsAre(HasSubstr("rtprio")));
    EXPECT_THAT(complaint("    ulimits: {files: 5}\n"),
                HasSubstr("f:4:15: ulimits: 'files' is no limit; there are as, core"));
    EXPECT_THAT(complaint("    ulimits: {nofile: {soft: 5, hard: 4}}\n"),
                HasSubstr("soft is more than hard"));
    EXPECT_THAT(complaint("    ulimits: {nofile: {soft: 5}}\n"), HasSubstr("hard: "));
    EXPECT_THAT(complaint("    ulimits: 5\n"), HasSubstr("a map, as {nofile: 4096}"));
}

TEST(Process, HasBounds) {
    EXPECT_EQ(process("    pids_limit: 100\n    cpu_shares: 512\n    shm_size: 128m\n"
                      "    oom_score_adj: 500\n"),
              R"({"cpu_shares":512,"oom_score_adj":500,"pids_limit":100,"shm_size":134217728})");
    EXPECT_EQ(process("    deploy: {resources: {limits: {pids: 7}}}\n"), R"({"pids_limit":7})");
    EXPECT_EQ(process("    pids_limit: -1\n"), R"({"pids_limit":4194304})");
    EXPECT_THAT(complaint("    pids_limit: 5\n    deploy: {resources: {limits: {pids: 7}}}\n"),
                HasSubstr("f:4:17: pids_limit: 'deploy.resources' says another"));
    EXPECT_THAT(complaint("    cpu_shares: 1\n"), HasSubstr("0, or 2 to 262144"));
    EXPECT_THAT(complaint("    shm_size: big\n"), HasSubstr("a size, as 512m"));
    EXPECT_THAT(complaint("    oom_score_adj: 2000\n"), HasSubstr("-1000 to 1000"));
    EXPECT_THAT(privileges("    oom_score_adj: -5\n"), ElementsAre(HasSubstr("killed first")));
}

TEST(Process, SwapsAsFarAsItsMemoryAndMore) {
    EXPECT_EQ(process("    mem_limit: 64m\n    memswap_limit: 128m\n"),
              R"({"memswap_limit":134217728})");
    EXPECT_EQ(process("    mem_limit: 64m\n    memswap_limit: -1\n"), R"({"memswap_limit":-1})");
    for (const auto* bad : {"    memswap_limit: 64m\n", "    memswap_limit: -1\n",
                            "    mem_limit: 64m\n    memswap_limit: 32m\n"}) {
        EXPECT_THAT(complaint(bad), HasSubstr("memory and swap together")) << bad;
    }
}

TEST(Process, HasFoldersInMemory) {
    EXPECT_EQ(process("    tmpfs: /run\n"), R"({"tmpfs":["/run"]})");
    EXPECT_EQ(process("    tmpfs:\n      - /run:size=64m,mode=1770\n      - /tmp\n"),
              R"({"tmpfs":["/run:size=64m,mode=1770","/tmp"]})");
    for (const auto* bad : {"/proc", "run", "/run:suid", "/run:size=much"}) {
        EXPECT_THAT(complaint(std::string{"    tmpfs: ['"} + bad + "']\n"),
                    HasSubstr("f:4:13: tmpfs: '" + std::string{bad} + "' does not fit"));
    }
}

TEST(Process, FindsHostsAndNameServers) {
    const auto* all = R"({"extra_hosts":["db=10.0.0.5","six=::1","here=host-gateway"]})";
    EXPECT_EQ(process("    extra_hosts: ['db:10.0.0.5', 'six=[::1]', 'here:host-gateway']\n"), all);
    EXPECT_EQ(process("    extra_hosts: {db: 10.0.0.5, six: '::1', here: host-gateway}\n"), all);
    EXPECT_EQ(process("    extra_hosts: {db: [10.0.0.5, 10.0.0.6]}\n"),
              R"({"extra_hosts":["db=10.0.0.5","db=10.0.0.6"]})");
    EXPECT_EQ(process("    dns: 10.0.0.53\n    dns_search: [a.example, b.example]\n"
                      "    dns_opt: [ndots:2]\n"),
              R"({"dns":["10.0.0.53"],"dns_opt":["ndots:2"],)"
              R"("dns_search":["a.example","b.example"]})");
    EXPECT_THAT(complaint("    extra_hosts: ['db']\n"), HasSubstr("f:4:19: extra_hosts: 'db='"));
    EXPECT_THAT(complaint("    extra_hosts: db\n"), HasSubstr("a map NAME: ADDRESS or a list"));
    EXPECT_THAT(complaint("    dns: [resolver]\n"), HasSubstr("f:4:11: dns: 'resolver'"));
}

TEST(Quota, IsAnotherWayToSayCpus) {
    EXPECT_EQ(service("    cpu_quota: 50000\n").cpu_milli, 500U);
    EXPECT_EQ(service("    cpu_quota: 50000\n    cpu_period: 25000\n").cpu_milli, 2000U);
    EXPECT_EQ(service("    cpu_quota: -1\n").cpu_milli, 0U);
    EXPECT_THAT(complaint("    cpus: 1\n    cpu_quota: 50000\n"),
                HasSubstr("cpu_quota: 'deploy.resources' says another"));
}

TEST(LabelFiles, AreCoveredByLabels) {
    const auto project = loaded(source_of(
        "services:\n  web:\n    image: web\n    label_file: a.labels\n    labels: {B: own}\n",
        {{"a.labels", "A=1\nB=file\n"}}));
    EXPECT_EQ(project.services[0].labels,
              (std::map<std::string, std::string>{{"A", "1"}, {"B", "own"}}));
    EXPECT_THAT(complaint("    label_file: [gone]\n"), HasSubstr("label_file 'gone': not there"));
}

TEST(Preferences, AreAttributesToSpreadOver) {
    EXPECT_THAT(service("    deploy: {placement: {preferences: [{spread: node.labels.rack}, "
                        "{spread: node.hostname}]}}\n")
                    .placed.spread,
                ElementsAre("node.labels.rack", "node.name"));
    EXPECT_THAT(complaint("    deploy: {placement: {preferences: [{spread: engine.labels.x}]}}\n"),
                HasSubstr("preferences: 'engine.labels.x' does not fit; allowed is {spread: "));
    EXPECT_THAT(complaint("    deploy: {placement: {preferences: [{}]}}\n"),
                HasSubstr("preferences: a map does not fit"));
}

}  // namespace
}  // namespace shoal::compose
