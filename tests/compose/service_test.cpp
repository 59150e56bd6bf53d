// One service: each honoured key in each of its forms, and what is said of what fits none.
#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What is said of a service of these keys.
std::string complaint(const std::string& keys) {
    return complaints("services:\n  web:\n    image: web\n" + keys);
}

std::vector<std::string> ports(const std::string& list) {
    std::vector<std::string> out;
    for (const auto& port : service("    ports: [" + list + "]\n").ports) {
        out.push_back(to_string(port));
    }
    return out;
}

TEST(Ports, HaveManyForms) {
    EXPECT_THAT(ports("80"), ElementsAre("80"));
    EXPECT_THAT(ports("'8080:80'"), ElementsAre("8080:80"));
    // What YAML 1.1 takes for a number to the base of sixty.
    EXPECT_THAT(ports("22:22"), ElementsAre("22:22"));
    EXPECT_THAT(ports("'53:53/udp', '53:53/tcp'"), ElementsAre("53:53/udp", "53:53"));
    EXPECT_THAT(ports("'3000-3002'"), ElementsAre("3000", "3001", "3002"));
    EXPECT_THAT(ports("'9090-9091:8080-8081'"), ElementsAre("9090:8080", "9091:8081"));
    EXPECT_THAT(ports("'127.0.0.1:8001:80'"), ElementsAre("127.0.0.1:8001:80"));
    EXPECT_THAT(ports("'[::1]:8001:80'"), ElementsAre("[::1]:8001:80"));
    EXPECT_THAT(ports("'::1:8001:80'"), ElementsAre("[::1]:8001:80"));
    EXPECT_THAT(ports("'127.0.0.1:50-51:60-61/udp'"),
                ElementsAre("127.0.0.1:50:60/udp", "127.0.0.1:51:61/udp"));
    EXPECT_THAT(ports("{target: 80, published: '8080', protocol: udp, host_ip: 10.0.0.1}"),
                ElementsAre("10.0.0.1:8080:80/udp"));
    EXPECT_THAT(ports("{target: 80}, {target: '81', published: 82}"), ElementsAre("80", "82:81"));
    EXPECT_THAT(ports("'80-82', '81'"), ElementsAre("80", "81", "82")) << "said twice, meant once";
}

TEST(Ports, SayWhatIsWrongWithOne) {
    for (const auto* bad : {"'0:80'", "'80:0'", "'65536'", "'80-79'", "'a:80'", "'80/sctp'",
                            "':80'", "''", "'x.y:80:80'", "'80:80:80:80x'"}) {
        EXPECT_THAT(complaint(std::string{"    ports: ["} + bad + "]\n"),
                    HasSubstr("f:4:13: ports: "))
            << bad;
    }
    EXPECT_THAT(complaint("    ports: ['80-82:80-81']\n"), HasSubstr("3 ports of the host for 2"));
    EXPECT_THAT(complaint("    ports: ['1-1000:1-1000']\n"), HasSubstr("more than 256"));
    EXPECT_THAT(complaint("    ports: ['127.0.0.1::80']\n"),
                HasSubstr("an address without a port"));
    EXPECT_THAT(complaint("    ports: 80\n"),
                HasSubstr("f:4:12: ports: '80' does not fit; allowed is a list"));
    EXPECT_THAT(complaint("    ports: [{published: 80}]\n"), HasSubstr("'target' is missing"));
    EXPECT_THAT(complaint("    ports: [{target: 80, protocol: sctp}]\n"),
                HasSubstr("f:4:36: protocol: 'sctp' does not fit; allowed is tcp or udp"));
}

TEST(Words, OfALineAreTakenApartAsAShellWould) {
    EXPECT_THAT(service("    command: npm  run 'a b' \"c \\\" $$d\" e\\ f\n").command,
                ElementsAre("npm", "run", "a b", "c \" $d", "e f"));
    EXPECT_THAT(service("    command: ['a b', c]\n    entrypoint: /bin/sh -c\n").entrypoint,
                ElementsAre("/bin/sh", "-c"));
    EXPECT_THAT(service("    command:\n").command, IsEmpty());
    EXPECT_THAT(service("    command: ''''''\n").command, ElementsAre(""));
    EXPECT_THAT(
        complaint("    command: echo 'x\n"),
        HasSubstr(
            "f:4:14: command: 'echo 'x' does not fit; allowed is a line with its quotes closed"));
    EXPECT_THAT(complaint("    command: []\n"), HasSubstr("leave it out for the image's"));
    EXPECT_THAT(complaint("    entrypoint: ''\n"), HasSubstr("leave it out for the image's"));
}

TEST(Environment, ComesFromMapListFilesAndWhereTheCommandRuns) {
    auto source = source_of(
        "services:\n  web:\n    image: web\n"
        "    env_file:\n      - a.env\n      - {path: b.env, required: false}\n"
        "      - {path: raw.env, format: raw}\n"
        "    environment:\n      - OWN=1\n      - HERE\n      - NOWHERE\n      - BOTH=own\n",
        {{"a.env", "A=1\nBOTH=file\nREF=${HERE}\n"}, {"raw.env", "R='x'\n"}});
    source.environment = {{"HERE", "shell"}};
    EXPECT_EQ(loaded(source).services[0].environment, (Variables{{"OWN", "1"},
                                                                 {"HERE", "shell"},
                                                                 {"BOTH", "own"},
                                                                 {"A", "1"},
                                                                 {"REF", "shell"},
                                                                 {"R", "'x'"}}));
    // As written: what looks like a number or a truth is not changed on the way.
    EXPECT_EQ(
        service("    environment: {MODE: 0755, V: 1.10, T: true, S: on, E: '', N:}\n").environment,
        (Variables{{"MODE", "0755"}, {"V", "1.10"}, {"T", "true"}, {"S", "on"}, {"E", ""}}));
    EXPECT_THAT(complaint("    env_file: gone.env\n"),
                HasSubstr("f:4:15: env_file 'gone.env': not there"));
    EXPECT_THAT(complaints("services:\n  web:\n    image: web\n    env_file: a.env\n",
                           {{"a.env", "A=1\n=x\n"}}),
                HasSubstr("f:4:15: env_file: a.env:2:1: '' is no name of a variable"));
    EXPECT_THAT(complaint("    environment: text\n"),
                HasSubstr("allowed is a map NAME: VALUE or a list"));
    EXPECT_THAT(complaint("    environment: {A: [1]}\n"),
                HasSubstr("f:4:22: environment: a list does not fit"));
    EXPECT_THAT(complaint("    environment: ['=1']\n"),
                HasSubstr("f:4:19: environment: a name is missing"));
}

TEST(Labels, AreMapsOrLists) {
    using Labels = std::map<std::string, std::string>;
    EXPECT_EQ(service("    labels: [a=1, b, 'c=x=y']\n").labels,
              (Labels{{"a", "1"}, {"b", ""}, {"c", "x=y"}}));
    EXPECT_EQ(service("    labels: {a: 1, b:}\n").labels, (Labels{{"a", "1"}, {"b", ""}}));
    EXPECT_THAT(complaint("    labels: {shoal.project: x}\n"), HasSubstr("are shoal's own"));
}

TEST(Replicas, AreSaidInOneOfTwoPlaces) {
    EXPECT_EQ(service("").replicas, 1U);
    EXPECT_EQ(service("    scale: 3\n").replicas, 3U);
    EXPECT_EQ(service("    deploy: {replicas: '${N:-4}'}\n").replicas, 4U);
    EXPECT_EQ(service("    deploy: {replicas: 0}\n").replicas, 0U);
    EXPECT_FALSE(service("    deploy: {mode: replicated}\n").global);
    EXPECT_TRUE(service("    deploy: {mode: global}\n").global);
    EXPECT_THAT(complaint("    deploy: {mode: global, replicas: 2}\n"),
                HasSubstr("f:4:38: deploy.replicas: a global service has one replica on each"));
    EXPECT_THAT(complaint("    scale: 3\n    deploy: {replicas: 4}\n"),
                HasSubstr("f:4:12: scale: 'deploy.replicas' says another number"));
    for (const auto* bad : {"-1", "1.5", "many", "10001", "[1]"}) {
        EXPECT_THAT(complaint(std::string{"    scale: "} + bad + "\n"),
                    HasSubstr("allowed is a whole number from 0 to 10000"))
            << bad;
    }
}

TEST(Needs, AreLimitsAndReservations) {
    auto need = service("    deploy: {resources: {limits: {cpus: '0.50', memory: 1.5G}}}\n");
    EXPECT_EQ(need.cpu_milli, 500U);
    EXPECT_EQ(need.memory, 3ULL << 29U);
    need = service("    cpus: .25\n    mem_limit: 64m\n    mem_reservation: 32m\n");
    EXPECT_EQ(need.cpu_milli, 250U);
    EXPECT_EQ(need.memory, 64ULL << 20U);
    const auto project = loaded(
        "services:\n  web:\n    image: web\n    deploy: {resources: {reservations: {memory: "
        "32M}}}\n");
    EXPECT_EQ(project.services[0].memory, 32ULL << 20U);
    EXPECT_EQ(
        lines_of(project.remarks),
        "f:4:49: services.web: reservations.memory without a limit is taken as the limit too\n");
    EXPECT_THAT(complaint("    mem_limit: 32m\n    mem_reservation: 64m\n"),
                HasSubstr("mem_reservation: more than the limit"));
    EXPECT_THAT(complaint("    cpus: 1\n    deploy: {resources: {limits: {cpus: 2}}}\n"),
                HasSubstr("f:4:11: cpus: 'deploy.resources' says another"));
    EXPECT_THAT(complaint("    cpus: many\n"),
                HasSubstr("cpus: 'many' does not fit; allowed is cores"));
    EXPECT_THAT(complaint("    mem_limit: 5 apples\n"),
                HasSubstr("allowed is a size, as 512m or 1.5g"));
}

TEST(Placement, ConstraintsAreThoseOfJobs) {
    const auto placed =
        service(
            "    deploy:\n      placement:\n        max_replicas_per_node: 2\n"
            "        constraints: [node.labels.disk==ssd, 'node.hostname != b', node.labels.gpu]\n")
            .placed;
    EXPECT_EQ(placed.per_node_max, 2U);
    EXPECT_THAT(placed.constraints,
                ElementsAre("node.labels.disk == ssd", "node.name != b", "node.labels.gpu"));
    for (const auto* bad : {"node.role == manager", "node.labels.", "node.labels.a = b",
                            "node.labels.a b == c", "engine.labels.x == y"}) {
        EXPECT_THAT(
            complaint(std::string{"    deploy: {placement: {constraints: ['"} + bad + "']}}\n"),
            HasSubstr("constraints: '" + std::string{bad} +
                      "' does not fit; allowed is node.hostname"))
            << bad;
    }
}

TEST(Restart, IsSaidInEitherVocabulary) {
    EXPECT_EQ(service("").restart, "never") << "the default of the specification";
    EXPECT_EQ(service("    restart: no\n").restart, "never");
    EXPECT_EQ(service("    restart: always\n").restart, "always");
    EXPECT_EQ(service("    restart: unless-stopped\n").restart, "always");
    EXPECT_EQ(service("    restart: on-failure:3\n").restart, "on-failure");
    EXPECT_EQ(service("    deploy: {restart_policy: {condition: none}}\n").restart, "never");
    EXPECT_EQ(service("    deploy: {restart_policy: {condition: on-failure}}\n").restart,
              "on-failure");
    EXPECT_EQ(service("    restart: no\n    deploy: {restart_policy: {delay: 5s}}\n").restart,
              "always");
    EXPECT_THAT(complaint("    restart: sometimes\n"),
                HasSubstr("restart: 'sometimes' does not fit; allowed is one of no, always, "
                          "unless-stopped, on-failure"));
}

TEST(Grace, IsADuration) {
    EXPECT_EQ(service("").stop_grace_ms, 10'000U);
    EXPECT_EQ(service("    stop_grace_period: 1m30s\n").stop_grace_ms, 90'000U);
    EXPECT_EQ(service("    stop_grace_period: 1500ms\n").stop_grace_ms, 1'500U);
    EXPECT_EQ(service("    stop_grace_period: 0s\n").stop_grace_ms, 0U);
    for (const auto* bad : {"10", "5x", "25h", "s", "99999999999999999999s", "1.5s"}) {
        EXPECT_THAT(complaint(std::string{"    stop_grace_period: '"} + bad + "'\n"),
                    HasSubstr("allowed is a duration as 1m30s, up to 24h"))
            << bad;
    }
}

TEST(Ours, StandsUnderXShoal) {
    const auto ours = service("    x-shoal: {on_partition: keep, reconcile: newest}\n");
    EXPECT_EQ(ours.on_partition, "keep");
    EXPECT_EQ(ours.reconcile, "newest");
    EXPECT_THAT(
        complaint("    x-shoal: {on_partiton: keep}\n"),
        HasSubstr(
            "unknown key 'on_partiton' in services.web.x-shoal; did you mean 'on_partition'?"));
    EXPECT_THAT(complaint("    x-shoal: {on_partition: flee}\n"),
                HasSubstr("allowed is one of replace, keep"));
    EXPECT_THAT(complaint("    x-shoal: 5\n"),
                HasSubstr("x-shoal: '5' does not fit; allowed is a map"));
}

TEST(Job, HasEveryMemberInTheFormOfTheApi) {
    const auto project = loaded(
        "services:\n  Web.App:\n    image: nginx\n    command: [a]\n    ports: ['8080:80']\n"
        "    deploy: {replicas: 2, resources: {limits: {cpus: 0.5}}}\n    labels: {tier: front}\n");
    EXPECT_EQ(
        job_of(project, project.services[0], "a:/srv/shop").dump(),
        R"({"name":"shop/web-app","image":"nginx","mode":"replicated","replicas":2,"entrypoint":[],"command":["a"],)"
        R"("environment":{},"labels":{"shoal.project":"shop","shoal.project.folder":"a:/srv/shop",)"
        R"("shoal.service":"Web.App","tier":"front"},"cpus":0.5,"memory":0,"ports":["8080:80"],)"
        R"("expose":[],"aliases":["Web.App"],"links":{},)"
        R"("constraints":[],"max_replicas_per_node":0,"restart":"never","on_partition":"replace",)"
        R"("reconcile":"oldest","stop_grace_ms":10000,"init":false,"process":{},"spread":[],)"
        R"("mounts":[],"files":[],"on_volume_node_loss":"wait","health":{},"after":[]})");
}

}  // namespace
}  // namespace shoal::compose
