// `shoal config`, `up` and `down`: which file, what is said of it, and what is asked of the node.
#include "cli/text.h"
#include "node/compose/render.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"
#include "tests/compose/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace shoal::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kShop =
    "name: shop\n"
    "services:\n"
    "  web:\n    image: nginx:1\n    ports: ['8080:80']\n    restart: always\n    deploy: "
    "{replicas: 2}\n"
    "  db:\n    image: redis\n    restart: always\n    attach: false\n";

std::string answer_for(const std::string& name, int generation = 3) {
    return json{{"name", name},
                {"generation", generation},
                {"acked", 3},
                {"wanted", 3},
                {"missing", json::array()}}
        .dump();
}

class Compose : public CliTest {
protected:
    std::string write(const std::string& name, const std::string& text) {
        const auto path = std::filesystem::path{node_.folder()} / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path.string();
    }

    // The file in a folder of its own, beside what it asks for. Returns its path.
    std::string write_with_all_it_names(const compose::Fixture& fixture) {
        auto source = compose::source_of(fixture);
        for (const auto& [name, value] : source.environment) {
            write(fixture.name + "/.env", fmt::format("{}={}\n", name, value));
        }
        source.read = [this, &fixture, read = source.read](const std::string& path) {
            auto content = read(path);
            if (content) write(fixture.name + "/" + path, *content);
            return content;
        };
        (void)compose::loaded(source);
        return write(fixture.name + "/compose.yaml", fixture.text);
    }

    // The jobs `up` makes of a file, as a node would answer for them.
    std::vector<nlohmann::ordered_json> jobs_of(const std::string& text,
                                                const std::string& folder = {}) {
        auto source = compose::source_of(text);
        source.folder = folder.empty() ? "Shop" : std::filesystem::path{folder}.filename().string();
        const auto project = compose::loaded(source);
        std::vector<nlohmann::ordered_json> out;
        for (const auto& service : project.services) {
            auto job = compose::job_of(project, service, folder);
            job["generation"] = 3;
            job["slots"] = nlohmann::ordered_json::array();
            out.push_back(std::move(job));
        }
        return out;
    }

    void node_has(const std::vector<nlohmann::ordered_json>& jobs) {
        auto list = nlohmann::ordered_json::array();
        for (const auto& job : jobs) {
            list.push_back({{"name", job["name"]}});
            node_.answers("GET /v1/jobs/" + url_escaped(job["name"].get<std::string>()),
                          job.dump());
        }
        node_.answers("GET /v1/jobs", list.dump());
    }

    void node_takes_everything() {
        for (const auto* name : {"shop%2Fweb", "shop%2Fdb"}) {
            node_.answers(std::string{"PUT /v1/jobs/"} + name, answer_for(name));
            node_.answers(std::string{"DELETE /v1/jobs/"} + name, answer_for(name, 4));
        }
    }

    // What was asked besides looking.
    [[nodiscard]] std::vector<std::string> writes() const {
        std::vector<std::string> out;
        for (const auto& line : node_.lines()) {
            if (!line.starts_with("GET")) out.push_back(line.substr(0, line.find('?')));
        }
        return out;
    }
};

TEST_F(Compose, ConfigPrintsAFileThatIsReadAsItself) {
    const auto file = write("shop/compose.yaml", kShop);
    const auto once = run({"config", file});
    EXPECT_EQ(once.exit, Exit::Ok) << once.err;
    EXPECT_THAT(once.out, HasSubstr("      - target: 80\n        published: \"8080\"\n"));
    EXPECT_EQ(once.err, file + ":11:5: ignored: services.db.attach: nothing is attached to\n");
    EXPECT_EQ(run({"config", "-"}, once.out).out, once.out);
    const auto as_json = run({"config", file, "-o", "json"}).out;
    EXPECT_EQ(json::parse(as_json)["name"], "shop");
    EXPECT_EQ(run({"config", "-", "-o", "json"}, as_json).out, as_json);
    EXPECT_EQ(run({"config", file, "--services"}).out, "web\ndb\n");
    EXPECT_TRUE(node_.lines().empty()) << "no node is asked";
}

TEST_F(Compose, ConfigOfEveryFixtureIsReadAsItself) {
    for (const auto& fixture : compose::fixtures()) {
        const auto once = run({"config", write_with_all_it_names(fixture)});
        ASSERT_EQ(once.exit, Exit::Ok) << fixture.name << once.err;
        const auto again = run({"config", write(fixture.name + "/compose.yaml", once.out)});
        EXPECT_EQ(again.exit, Exit::Ok) << fixture.name << again.err;
        EXPECT_EQ(again.out, once.out) << fixture.name;
    }
}

TEST_F(Compose, TheFileMayBeNamedWithAFlagAsElsewhere) {
    const auto path = write("shop.yaml", kShop);
    const auto plain = run({"config", path});
    EXPECT_EQ(plain.exit, Exit::Ok) << plain.err;
    for (const auto& flag : {"-f", "--file"}) {
        const auto flagged = run({"config", flag, path});
        EXPECT_EQ(flagged.exit, Exit::Ok) << flagged.err;
        EXPECT_EQ(flagged.out, plain.out);
    }
}

TEST_F(Compose, TheFileIsFoundInAFolder) {
    const auto folder = node_.folder() + "/My Shop";
    write("My Shop/docker-compose.yml", "services: {web: {image: a}}\n");
    EXPECT_THAT(run({"config", folder}).out, HasSubstr("name: myshop\n"));
    write("My Shop/compose.yaml", "services: {web: {image: b}}\n");
    EXPECT_THAT(run({"config", folder}).out, HasSubstr("image: b\n")) << "the newer name wins";
    write("My Shop/compose.override.yaml", "services: {web: {image: c}}\n");
    auto ran = run({"config", folder});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, AllOf(HasSubstr("compose.override.yaml stands beside it"),
                               HasSubstr("try: name the one")));
    EXPECT_EQ(run({"config", folder + "/compose.yaml"}).exit, Exit::Ok);
    ran = run({"config", node_.folder()});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err,
                HasSubstr("no compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml"));
    ran = run({"config", folder + "/gone.yaml"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, HasSubstr("gone.yaml: No such file"));
}

TEST_F(Compose, EverythingWrongIsSaidAtOnceWithItsPlace) {
    const auto ran = run({"up", "-"}, "services:\n  web:\n    imgae: x\n    ports: [a]\n");
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(
        ran.err,
        AllOf(HasSubstr("shoal: cannot read standard input\n"),
              HasSubstr(
                  "standard input:3:5: unknown key 'imgae' in services.web; did you mean 'image'?"),
              HasSubstr("standard input:4:13: ports: 'a' does not fit")));
    EXPECT_TRUE(node_.lines().empty());
}

TEST_F(Compose, VariablesComeFromTheEnvironmentAndFilesOfTheFolder) {
    const auto file =
        write("shop/compose.yaml", "services: {web: {image: \"${A}-${B}-${C}\", env_file: v}}\n");
    write("shop/.env", "A=file\nB=file\n");
    write("shop/v", "X=1\n");
    const auto other = write("other", "C=other\n");
    environment_["B"] = "shell";
    EXPECT_THAT(run({"config", file}).out,
                AllOf(HasSubstr("image: file-shell-\n"), HasSubstr("X: \"1\"")));
    EXPECT_THAT(run({"config", file}).err, HasSubstr("variable 'C' is not set"));
    EXPECT_THAT(run({"config", file, "--env-file", other}).out,
                HasSubstr("image: \"-shell-other\"\n"));
}

TEST_F(Compose, RefusedKeysStopUpUnlessOneGoesWithoutThem) {
    const std::string text =
        "services:\n  web:\n    image: a\n    volumes_from: [v]\n    uts: host\n    attach: "
        "false\n";
    auto ran = run({"up", "-y", "-", "-p", "shop"}, text);
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(
        ran.err,
        AllOf(
            HasSubstr("shoal: cannot bring up project 'shop'\n"),
            HasSubstr("standard input:4:5: refused: not yet: services.web.volumes_from: "),
            HasSubstr("standard input:5:5: refused: services.web.uts: every container has its own"),
            HasSubstr("--allow-ignored PATH, as services.web.volumes_from;"),
            Not(HasSubstr("attach"))));
    EXPECT_TRUE(node_.lines().empty()) << "nothing was asked of the node";
    EXPECT_EQ(run({"config", "-", "-q"}, text).exit, Exit::Failed);
    EXPECT_EQ(run({"config", "-"}, text).exit, Exit::Ok);
    const std::vector<std::string> allow = {"config",
                                            "-q",
                                            "-",
                                            "--allow-ignored",
                                            "services.*.volumes_from",
                                            "--allow-ignored",
                                            "services.web.uts"};
    EXPECT_EQ(run(allow, text).exit, Exit::Ok);
    auto strict = allow;
    strict.emplace_back("--strict");
    ran = run(strict, text);
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, HasSubstr("refused: services.web.attach"));
    ran = run({"config", "-", "--allow-ignored", "services.web.nothing"}, text);
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_THAT(
        ran.err,
        HasSubstr("--allow-ignored services.web.nothing: nothing there is refused or ignored"));
}

TEST_F(Compose, UpMakesAJobOfEachServiceAndWaits) {
    node_.answers("GET /v1/jobs", "[]");
    node_takes_everything();
    job_becomes(node_, "shop%2Fweb", {{.state = "healthy"}, {.state = "healthy", .node = "b"}});
    job_becomes(node_, "shop%2Fdb", {{.state = "healthy"}});
    const auto ran = run({"up", "-y", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(writes(), ElementsAre("PUT /v1/jobs/shop%2Fweb", "PUT /v1/jobs/shop%2Fdb"));
    const auto asked = node_.asked();
    const auto put = std::find_if(asked.begin(), asked.end(),
                                  [](const auto& one) { return one.line.starts_with("PUT"); });
    const auto sent = json::parse(put->body);
    EXPECT_EQ(sent["name"], "shop/web");
    EXPECT_EQ(sent["replicas"], 2);
    EXPECT_EQ(sent["labels"], (json{{"shoal.project", "shop"}, {"shoal.service", "web"}}));
    EXPECT_THAT(ran.err, AllOf(HasSubstr("project shop, from standard input\n"
                                         "  create web: 2 replicas of nginx:1\n"
                                         "    ports    8080:80\n"
                                         "  create db: 1 replica of redis\n"),
                               HasSubstr("ignored: services.db.attach")));
    EXPECT_THAT(ran.out,
                HasSubstr("next: shoal ps · shoal logs -f shop/web · shoal down -p shop\n"));
}

TEST_F(Compose, UpThatDoesNotGetThereExplainsWhatLacksAndHowToEndIt) {
    node_.answers("GET /v1/jobs", "[]");
    node_takes_everything();
    job_becomes(node_, "shop%2Fweb", {{.state = "healthy"}, {.state = "healthy", .node = "b"}});
    job_becomes(node_, "shop%2Fdb", {{.state = "pending"}});
    node_.answers("GET /v1/jobs/shop%2Fdb/explain", R"({"name": "shop/db", "coordinator": "",
        "wanted": 1, "healthy": 0, "pending": [{"index": 0, "sentence": "no node has room"}],
        "nodes": [{"node": "a", "bids": false, "reasons": ["full"], "age_s": 1}]})");
    const auto ran = run({"up", "-y", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::NotPlaced);
    EXPECT_THAT(ran.err, HasSubstr("try: shoal explain shop/db; it stays and goes on, until "
                                   "'shoal down -p shop'"));
}

TEST_F(Compose, UpAsksOnATerminalAndTakesNoSilenceForAYes) {
    node_.answers("GET /v1/jobs", "[]");
    auto ran = run({"up", "-d", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_THAT(ran.err, HasSubstr("create shop/web, shop/db; that needs a yes"));
    in_is_terminal_ = true;
    const auto file = write("shop.yaml", kShop);
    ran = run({"up", "-d", file}, "n\n");
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(writes(), ElementsAre());
    node_takes_everything();
    ran = run({"up", "-d", file}, "y\n");
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "job 'shop/web' created: generation 3, on 3 of 3 disks\n"
              "job 'shop/db' created: generation 3, on 3 of 3 disks\n");
}

TEST_F(Compose, UpAgainChangesNothing) {
    node_has(jobs_of(kShop));
    const auto ran = run({"up", "-d", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err << "nothing changes, so nobody is asked";
    EXPECT_THAT(writes(), ElementsAre());
    EXPECT_EQ(ran.out, "job 'shop/web' as it should be\njob 'shop/db' as it should be\n");
}

TEST_F(Compose, UpAgainChangesNothingWhateverOrderANodeAnswersIn) {
    const std::string text =
        "name: shop\nservices:\n  web: {image: nginx:1, depends_on: [db]}\n"
        "  db: {image: redis, healthcheck: {test: [CMD, ping], retries: 5, interval: 3s}}\n";
    auto jobs = jobs_of(text);
    for (auto& job : jobs) {
        const json sorted = job;
        EXPECT_NE(sorted.dump(), job.dump());
        job = nlohmann::ordered_json::parse(sorted.dump());
    }
    node_has(jobs);
    const auto ran = run({"up", "-d", "-"}, text);
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(writes(), ElementsAre());
}

// A node pins a job to what its image meant when it was written.
TEST_F(Compose, UpChangesAJobWhoseImageMeansSomethingElseNow) {
    auto jobs = jobs_of(kShop);
    jobs[0]["image"] = "nginx:1@sha256:aa";
    jobs[1]["image"] = "redis:latest@sha256:bb";
    node_has(jobs);
    node_takes_everything();
    node_.answers(
        "GET /v1/images",
        R"([{"name": "nginx:1", "digest": "sha256:aa"}, {"name": "redis:latest", "digest": "sha256:bb"}])");
    node_.answers(
        "GET /v1/images",
        R"([{"name": "nginx:1", "digest": "sha256:aa"}, {"name": "redis:latest", "digest": "sha256:cc"}])");
    EXPECT_EQ(run({"up", "-d", "-"}, kShop).exit, Exit::Ok);
    EXPECT_THAT(writes(), ElementsAre());
    EXPECT_EQ(run({"up", "-y", "-d", "-"}, kShop).exit, Exit::Ok);
    EXPECT_THAT(writes(), ElementsAre("PUT /v1/jobs/shop%2Fdb"));
}

TEST_F(Compose, UpChangesWhatDiffersAndRemovesWhatLeftTheFile) {
    node_has(jobs_of(kShop));
    node_takes_everything();
    const auto ran = run({"up", "-y", "-d", "-"},
                         "name: shop\nservices: {web: {image: nginx:2, restart: always}}\n");
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(writes(), ElementsAre("PUT /v1/jobs/shop%2Fweb", "DELETE /v1/jobs/shop%2Fdb"));
    EXPECT_THAT(ran.err, AllOf(HasSubstr("  change web: "), HasSubstr("  remove db: ")));
}

TEST_F(Compose, UpTouchesNoJobOfOthers) {
    auto jobs = jobs_of(kShop);
    jobs[0]["labels"] = json::object();
    node_has(jobs);
    const auto ran = run({"up", "-y", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::Conflict);
    EXPECT_THAT(ran.err, HasSubstr("job 'shop/web' exists and is not of this project"));
    EXPECT_THAT(writes(), ElementsAre());
}

TEST_F(Compose, TwoFoldersOfOneNameAreTwoProjects) {
    const std::string text = "services: {web: {image: a}}\n";
    const auto here = write("b/shop/compose.yaml", text);
    node_has(jobs_of(text, "/elsewhere/shop"));
    for (const auto* verb : {"up", "down"}) {
        const auto ran = run({verb, "-y", here});
        EXPECT_EQ(ran.exit, Exit::Conflict) << verb;
        EXPECT_THAT(ran.err, AllOf(HasSubstr("from another folder of that name, /elsewhere/shop"),
                                   HasSubstr("-p NAME")));
    }
    EXPECT_THAT(writes(), ElementsAre());
    node_takes_everything();
    EXPECT_EQ(run({"up", "-y", "-d", here, "-p", "shop"}).exit, Exit::Ok)
        << "said outright, it is the same";
}

TEST_F(Compose, DownRemovesAllOfTheProjectAndNothingElse) {
    auto jobs = jobs_of(kShop);
    auto other = jobs[0];
    other["name"] = "shop/other";
    other["labels"] = json::object();
    jobs.push_back(other);
    node_has(jobs);
    node_takes_everything();
    auto ran = run({"down", "-p", "shop"});
    EXPECT_EQ(ran.exit, Exit::Usage) << "it destroys, so it wants a yes";
    ran = run({"down", "-y", "-p", "shop"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(writes(), ElementsAre("DELETE /v1/jobs/shop%2Fweb", "DELETE /v1/jobs/shop%2Fdb"));
    EXPECT_EQ(ran.out,
              "job 'shop/web' removed: generation 4, on 3 of 3 disks\n"
              "job 'shop/db' removed: generation 4, on 3 of 3 disks\n");
    ran = run({"down", "-"}, "name: fish\nservices: {web: {image: \"${NEEDED:?}\"}}\n");
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out, "nothing of project 'fish' runs\n");
}

TEST_F(Compose, AFailureHalfwaySaysHowToGoOn) {
    node_.answers("GET /v1/jobs", "[]");
    node_.answers("PUT /v1/jobs/shop%2Fweb", answer_for("shop/web"));
    node_.refuses("PUT /v1/jobs/shop%2Fdb", 507, "disk", "the disk is full");
    const auto ran = run({"up", "-y", "-"}, kShop);
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, AllOf(HasSubstr("cannot create job 'shop/db'"),
                               HasSubstr("the same again goes on from here")));
}

}  // namespace
}  // namespace shoal::cli
