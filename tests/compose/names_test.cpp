// What services are called by one another, and networks that ask for more than there is.
#include "node/compose/names.h"

#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string complaint(const std::string& keys) {
    return complaints("services:\n  web:\n    image: web\n" + keys);
}

// "web: why" for each service that is refused something.
std::string refused(const std::string& services) {
    std::string out;
    for (const auto& finding : loaded("services:\n" + services).findings) {
        if (is_refused(finding))
            out += to_string(finding.path) + ": " + std::string{finding.why} + "\n";
    }
    return out;
}

TEST(Expose, HasPortsOfTheContainerAlone) {
    EXPECT_THAT(service("    expose: [80, '53/udp', '8000-8002']\n").names.exposed,
                ElementsAre("80", "53/udp", "8000", "8001", "8002"));
    for (const auto* bad : {"'80:80'", "'1.2.3.4::80'", "0", "'80/sctp'", "x"}) {
        EXPECT_THAT(complaint(std::string{"    expose: ["} + bad + "]\n"), HasSubstr("expose: "))
            << bad;
    }
}

TEST(Aliases, AreAllNamesBesideTheJobs) {
    EXPECT_THAT(service("    container_name: front\n    hostname: www\n").names.aliases,
                ElementsAre("front", "www"));
    EXPECT_THAT(service("    container_name: web\n").names.aliases, IsEmpty());
    const auto project = loaded("services:\n  Web.App:\n    image: a\n");
    EXPECT_THAT(project.services[0].names.aliases, ElementsAre("Web.App"));
    const auto networked = loaded(
        "services:\n  web:\n    image: a\n    networks: {n: {aliases: [x, y]}, m: {aliases: [y]}}\n"
        "networks: {n: , m: }\n");
    EXPECT_THAT(networked.services[0].names.aliases, ElementsAre("x", "y"));
    EXPECT_THAT(complaint("    container_name: 'a b'\n"), HasSubstr("f:4:21: container_name: "));
}

TEST(Links, AreNamesForSiblings) {
    const auto project = loaded(
        "services:\n  web:\n    image: a\n    links: [db, 'db:database']\n  db:\n    image: b\n");
    EXPECT_THAT(project.services[0].names.links, ElementsAre(Pair("database", "shop/db")));
    EXPECT_THAT(complaint("    links: [nobody]\n"),
                HasSubstr("'nobody' is not among the services of this file"));
    EXPECT_THAT(complaint("    links: ['web:a b']\n"), HasSubstr("SERVICE or SERVICE:NAME"));
}

TEST(Names, AreSaidInTheJob) {
    const auto project = loaded(
        "services:\n  web:\n    image: a\n    expose: [80]\n    container_name: front\n"
        "    links: ['db:database']\n  db:\n    image: b\n");
    const auto job = job_of(project, project.services[0], "");
    EXPECT_EQ(job["expose"], Json::array({"80"}));
    EXPECT_EQ(job["aliases"], Json::array({"front"}));
    EXPECT_EQ(job["links"], (Json{{"database", "shop/db"}}));
}

TEST(Networks, ThatAllShareAreHonoured) {
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n]\n"
                      "  b:\n    image: b\n    networks: {n: }\nnetworks: {n: }\n"),
              "");
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n, m]\n"
                      "  b:\n    image: b\n    networks: [m]\nnetworks: {n: , m: }\n"),
              "");
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [default]\n  b:\n    image: b\n"), "");
}

TEST(Networks, ThatKeepServicesApartAreRefused) {
    const std::string apart =
        "services that share no network would reach one another: a project has one network here\n";
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n]\n"
                      "  b:\n    image: b\n    networks: [n, m]\n"
                      "  c:\n    image: c\n    networks: [m]\nnetworks: {n: , m: }\n"),
              "services.a.networks: " + apart + "services.c.networks: " + apart);
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n]\n  b:\n    image: b\n"
                      "networks: {n: }\n"),
              "services.a.networks: " + apart);
    // What does not run is not kept from anything.
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n]\n"
                      "  b:\n    image: b\n    profiles: [x]\nnetworks: {n: }\n"),
              "");
}

TEST(Networks, OfOtherProjectsAreRefused) {
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: [n]\nnetworks: {n: {external: true}}\n"),
              "services.a.networks: services of other projects are not found by name\n");
}

TEST(Networks, DoNotGiveOneNameToSeveral) {
    EXPECT_EQ(refused("  a:\n    image: a\n    networks: {n: {aliases: [x]}}\n"
                      "  b:\n    image: b\n    networks: {n: {aliases: [x]}}\nnetworks: {n: }\n"),
              "services.b.networks: a name stands for one service; another of this file has it\n");
}

}  // namespace
}  // namespace shoal::compose
