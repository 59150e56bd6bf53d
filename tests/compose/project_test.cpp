// A whole file: its name, its variables, its profiles, its keys, and what it is refused for.
#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

#include <utility>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kWeb = "services:\n  web:\n    image: web\n";

std::string name_of(const Source& source) {
    const auto project = load(source);
    return project ? project->name : "error: " + project.error().front().what;
}

TEST(ProjectName, IsSaidByPersonFileOrFolderInThisOrder) {
    auto source = source_of(kWeb);
    EXPECT_EQ(name_of(source), "shop") << "the folder's, in lower case";
    source.text = "name: of-file\n" + kWeb;
    EXPECT_EQ(name_of(source), "of-file");
    source.text = "name: of-${WHO:-nobody}\n" + kWeb;
    EXPECT_EQ(name_of(source), "of-nobody");
    source.environment = {{"COMPOSE_PROJECT_NAME", "of-variable"}};
    EXPECT_EQ(name_of(source), "of-variable");
    source.project = "of-person";
    EXPECT_EQ(name_of(source), "of-person");
    EXPECT_EQ(load(source)->named_by, NamedBy::Person);
}

TEST(ProjectName, OfAFolderIsMadeToFit) {
    const std::pair<const char*, const char*> cases[] = {
        {"My Shop_2", "myshop_2"}, {"_-a-b", "a-b"}, {"Caf\xC3\xA9", "caf"}, {"a.b", "ab"}};
    for (const auto& [folder, name] : cases) {
        auto source = source_of(kWeb);
        source.folder = folder;
        EXPECT_EQ(name_of(source), name) << folder;
    }
    auto source = source_of(kWeb);
    source.folder = "___";
    EXPECT_THAT(name_of(source), HasSubstr("say 'name:' or -p NAME"));
}

TEST(ProjectName, SaidOutrightHasToFit) {
    for (const auto* bad : {"Shop", "-shop", "my shop", "a.b"}) {
        EXPECT_THAT(complaints("name: '" + std::string{bad} + "'\n" + kWeb),
                    HasSubstr("f:1:7: name: '" + std::string{bad} + "' is no name of a project"))
            << bad;
        auto source = source_of(kWeb);
        source.project = bad;
        EXPECT_THAT(complaints(source), HasSubstr("f: -p: '" + std::string{bad} + "'")) << bad;
    }
}

TEST(ProjectName, AloneNeedsNoVariableOfTheServices) {
    const auto name =
        load_name(source_of("name: shop-${A:-1}\nservices: {web: {image: \"${X:?}\"}}\n"));
    ASSERT_TRUE(name);
    EXPECT_EQ(name->name, "shop-1");
    EXPECT_EQ(name->named_by, NamedBy::File);
}

TEST(ServiceName, IsKeptAndItsJobsIsMadeToFit) {
    const auto project = loaded("services:\n  Web_1: {image: a}\n  data.base: {image: b}\n");
    EXPECT_EQ(job_name(project.name, project.services[0].name), "shop/web_1");
    EXPECT_EQ(job_name(project.name, project.services[1].name), "shop/data-base");
    EXPECT_THAT(complaints("services:\n  web: {image: a}\n  Web: {image: b}\n"),
                HasSubstr("f:3:3: services 'web' and 'Web' are one job, 'shop/web'"));
    EXPECT_THAT(complaints("services:\n  'my web': {image: a}\n"),
                HasSubstr("f:2:3: service 'my web': a name is 1 to 63 letters"));
}

TEST(DotEnv, IsReadAndYieldsToWhereTheCommandRuns) {
    auto source = source_of("services:\n  web:\n    image: ${A}-${B}\n",
                            {{".env", "A=file\nB=file\n"}, {"other", "A=other\n"}});
    source.environment = {{"B", "shell"}};
    EXPECT_EQ(loaded(source).services[0].image, "file-shell");
    source.env_files = {"other"};
    EXPECT_EQ(loaded(source).services[0].image, "other-shell");
    source.env_files = {"gone"};
    EXPECT_EQ(complaints(source), "f: gone: not there\n");
    EXPECT_THAT(complaints(kWeb, {{".env", "A='\n"}}),
                HasSubstr("f: .env:1:1: a quote ' that is never closed"));
}

TEST(Variables, ThatAreMissingAreSaid) {
    const auto project = loaded("services:\n  web:\n    image: web${TAG}\n");
    EXPECT_EQ(lines_of(project.remarks),
              "f:3:12: variable 'TAG' is not set; it is taken as empty\n");
    EXPECT_EQ(complaints("services:\n  web:\n    image: web:${TAG:?a version}\n"),
              "f:3:12: variable 'TAG' must be set: a version\n");
}

TEST(Profiles, LeaveOutWhatIsNotAskedFor) {
    auto source =
        source_of(kWeb + "  debug:\n    image: sh\n    profiles: [tools]\n    uts: host\n");
    auto project = loaded(source);
    EXPECT_THAT(project.inactive, ElementsAre("debug"));
    EXPECT_EQ(project.services.size(), 1U);
    EXPECT_THAT(project.findings, IsEmpty()) << "what does not run is not judged";
    source.profiles = {"tools"};
    EXPECT_EQ(loaded(source).services.size(), 2U);
    EXPECT_EQ(loaded(source).findings.size(), 1U);
    source.profiles = {};
    source.environment = {{"COMPOSE_PROFILES", "x,tools"}};
    EXPECT_EQ(loaded(source).services.size(), 2U);
    source.environment = {{"COMPOSE_PROFILES", "*"}};
    EXPECT_EQ(loaded(source).services.size(), 2U);
}

std::string findings(const std::string& keys) {
    std::string out;
    for (const auto& finding : loaded(kWeb + keys).findings) {
        out += std::string{to_string(finding.treatment)} + " " + to_string(finding.path) + " " +
               std::to_string(finding.mark.line) + ":" + std::to_string(finding.mark.column) + "\n";
    }
    return out;
}

TEST(Findings, AreOnePerPlace) {
    EXPECT_EQ(findings("    blkio_config: {weight: 300}\n"),
              "not yet services.web.blkio_config 4:5\n");
    EXPECT_EQ(findings("    uts: host\n    attach: false\n"),
              "refused services.web.uts 4:5\nharmless services.web.attach 5:5\n");
    EXPECT_EQ(findings("    security_opt: ['no-new-privileges:true', 'seccomp:unconfined']\n"),
              "refused services.web.security_opt[1] 4:46\n");
    EXPECT_EQ(
        findings("    deploy: {mode: global-job, update_config: {parallelism: 2}}\n"),
        "not yet services.web.deploy.mode 4:14\nharmless services.web.deploy.update_config 4:32\n");
    EXPECT_EQ(findings("networks: {a: {driver: bridge}, b: {internal: true}}\n"),
              "harmless networks 4:1\nnot yet networks.b.internal 4:37\n");
    EXPECT_EQ(findings("    ports: [{target: 80, mode: host}]\n"),
              "harmless services.web.ports[0].mode 4:26\n");
}

TEST(Findings, AreNoneWhereNothingIsAskedFor) {
    EXPECT_EQ(
        findings(
            "    privileged: false\n    volumes: []\n    tty: ${TTY:-false}\n"
            "    network_mode: bridge\n    deploy: {mode: replicated}\n    x-mine: {any: thing}\n"
            "x-common: &c {a: 1}\n"),
        "");
}

TEST(Findings, BuildIsHarmlessBesideAnImage) {
    EXPECT_EQ(findings("    build: .\n"), "harmless services.web.build 4:5\n");
    const auto project = loaded("services:\n  web:\n    build: {context: .}\n");
    ASSERT_EQ(project.findings.size(), 1U);
    EXPECT_EQ(project.findings[0].treatment, Treatment::Refused);
    EXPECT_EQ(project.services[0].image, "shop-web") << "as a build of this file would be called";
}

TEST(Findings, AreFoundAgainByPath) {
    const auto path = parse_path("services.*.ports[0].mode");
    ASSERT_TRUE(path);
    EXPECT_THAT(*path, ElementsAre("services", "*", "ports", "[0]", "mode"));
    EXPECT_TRUE(lies_within({"services", "web", "ports", "[0]", "mode"}, *path));
    EXPECT_FALSE(lies_within({"services", "web", "ports"}, *path));
    EXPECT_THAT(*parse_path("services.'a.b'.user"), ElementsAre("services", "a.b", "user"));
    EXPECT_EQ(to_string(Path{"services", "a.b", "user"}), "services.'a.b'.user");
    EXPECT_FALSE(parse_path(""));
    EXPECT_FALSE(parse_path("a.'b"));
}

TEST(Problems, OfAFileAreAllSaidAtOnceInItsOrder) {
    EXPECT_EQ(
        complaints(
            "services:\n  web:\n    imgae: x\n    ports: [a]\n  db:\n    scale: -1\nfoo: 1\n"),
        "f:2:3: service 'web' has no 'image'; expected the name of one\n"
        "f:3:5: unknown key 'imgae' in services.web; did you mean 'image'?\n"
        "f:4:13: ports: 'a' does not fit; allowed is "
        "[ADDRESS:][PORT[-PORT]:]PORT[-PORT][/tcp|/udp] with ports from 1 to 65535\n"
        "f:5:3: service 'db' has no 'image'; expected the name of one\n"
        "f:6:12: scale: '-1' does not fit; allowed is a whole number from 0 to 10000\n"
        "f:7:1: unknown key 'foo'; allowed are name, version, services, include, models, networks, "
        "volumes, secrets, configs\n");
}

TEST(Problems, OfShape) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "f: a Compose file is a map with 'services'; this is nothing"},
        {"- a\n", "f:1:1: a Compose file is a map with 'services'; this is a list"},
        {"name: x\n", "f: 'services' is missing or no map"},
        {"services: []\n", "f:1:11: 'services' is missing or no map"},
        {"services:\n  web:\n",
         "f:2:3: services.web: nothing does not fit; allowed is a map of keys"},
        {"services: {web: {image: [a]}}\n",
         "f:1:25: image: a list does not fit; allowed is a text"},
        {"services: {web: {image: a, deploy: 5}}\n",
         "f:1:36: services.web.deploy: '5' does not fit the Compose specification"},
        {"services: {web: {image: a, healthcheck: {tset: x}}}\n",
         "f:1:42: unknown key 'tset' in services.web.healthcheck"},
        {"services: {web: {image: a, volumes: [{type: bnid}]}}\n", "f:1:"},
        {"services: {web: {image: a, depends_on: [db]}}\n",
         "f:1:41: 'db' is not among the services of this file"},
        {"services: {web: {image: a, networks: {n: }}}\n",
         "f:1:39: 'n' is not among the networks of this file"},
        {"services: {web: {image: a, secrets: [{source: s}]}}\n",
         "f:1:47: 's' is not among the secrets"},
        {"services: {web: {image: a, x-shoal: {a: 1}}}\n",
         "unknown key 'a' in services.web.x-shoal; allowed are on_partition, reconcile"},
        {"services: {web: {image: a, cap_add: [KILL, KILL]}}\n",
         "f:1:37: services.web.cap_add: two items are the same"},
        {"x-shoal: 1\nservices: {web: {image: a}}\n", "f:1:1: unknown key 'x-shoal'"}};
    for (const auto& [text, expected] : cases) {
        EXPECT_THAT(complaints(text), HasSubstr(expected)) << text;
    }
}

// The validator recurses and compares each with each; neither may be fed without measure.
TEST(Problems, OfSizeDoNotReachTheSchema) {
    std::string list = "services: {web: {image: a, group_add: [";
    for (int i = 0; i < 2000; ++i) {
        list += "g" + std::to_string(i) + ",";
    }
    EXPECT_THAT(complaints(list + "]}}\n"), HasSubstr("a list of more than 1024 items"));
    EXPECT_THAT(complaints(kWeb + "volumes: {" + std::string(600, 'v') + ": }\n"),
                HasSubstr("over 512 characters"));
    EXPECT_EQ(complaints(kWeb + "    cgroup_parent: " + std::string(500'000, 'n') + "\n"), "none");
}

TEST(Resolved, IsOneFormOfAllAndReadAsItself) {
    auto source = source_of(
        "x-base: &base {restart: always}\n"
        "services:\n"
        "  web:\n    <<: *base\n    image: ${IMAGE:-web}\n    command: sh -c 'echo $$HOME'\n    "
        "env_file: a.env\n"
        "    ports: ['8080:80']\n    labels: [a=1]\n    profiles: [p]\n    environment: {B: 2}\n",
        {{"a.env", "A=$$x\n"}});
    source.profiles = {"p"};
    const auto project = loaded(source);
    EXPECT_EQ(
        resolved(project).dump(),
        R"({"name":"shop","x-base":{"restart":"always"},"services":{"web":{"image":"web",)"
        R"("command":["sh","-c","echo $$HOME"],"environment":{"A":"$$x","B":"2"},)"
        R"("ports":[{"target":80,"published":"8080","protocol":"tcp"}],"labels":{"a":"1"},"restart":"always"}}})");
    const auto again = loaded(source_of(resolved(project).dump()));
    EXPECT_EQ(resolved(again), resolved(project));
    EXPECT_THAT(again.services[0].command, ElementsAre("sh", "-c", "echo $HOME"));
    EXPECT_EQ(again.services[0].environment.at("A"), "$x");
}

}  // namespace
}  // namespace shoal::compose
