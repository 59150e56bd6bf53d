// A project before and after `up`: what is in its way, what it will be, where it is to be found.
#include "cli/neighbours.h"
#include "cli/port_text.h"
#include "cli/project_tree.h"
#include "node/compose/render.h"
#include "tests/cli/cli_test.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Json node(const std::string& name, const std::string& zone = "") {
    return {{"name", name},
            {"zone", zone},
            {"standing", "alive"},
            {"runtime", true},
            {"draining", false},
            {"labels", {{"disk", "ssd"}}},
            {"address", name + ":7373"}};
}

Json slot(const std::string& job, const std::string& on, const std::string& state = "healthy") {
    return {{"job", job}, {"node", on}, {"state", state}};
}

Step creates(std::vector<std::string> ports, std::uint64_t replicas = 1,
             std::vector<std::string> constraints = {}) {
    return {.kind = Step::Kind::Create,
            .name = "shop/web",
            .job = {{"name", "shop/web"},
                    {"ports", std::move(ports)},
                    {"replicas", replicas},
                    {"constraints", std::move(constraints)}}};
}

// other/api has 8080 on a and b of a, b and c.
Neighbours town() {
    Neighbours out;
    out.nodes = {node("a"), node("b"), node("c", "west")};
    out.jobs = {{{"name", "other/api"}, {"ports", {"8080:80", "53:53/udp"}}}};
    out.slots = {slot("other/api", "a"), slot("other/api", "b")};
    return out;
}

TEST(Ports, AreReadFromTheirText) {
    EXPECT_EQ(to_string(*parse_published("80")), "0");
    EXPECT_EQ(to_string(*parse_published("8080:80")), "8080");
    EXPECT_EQ(to_string(*parse_published("53:53/udp")), "53/udp");
    EXPECT_EQ(parse_published("127.0.0.1:8080:80")->host_ip, "127.0.0.1");
    EXPECT_EQ(parse_published("[::1]:8080:80/udp")->host_ip, "[::1]");
    EXPECT_EQ(parse_published("[::1]:8080:80/udp")->host_port, 8080);
    EXPECT_EQ(parse_published("0.0.0.0:8080:80")->host_ip, "");
    EXPECT_FALSE(parse_published("70000:80"));
}

TEST(Collisions, AreSaidWhenTooFewNodesHaveThePortFree) {
    EXPECT_THAT(collisions({creates({"8080:80"})}, town()), IsEmpty()) << "c has it free";
    EXPECT_THAT(collisions({creates({"80", "9000:80"}, 9)}, town()), IsEmpty());
    EXPECT_THAT(collisions({creates({"8080:80"}, 3)}, town()),
                ElementsAre("shop/web: port 8080 is free on 1 node, and 3 replicas want it; it is "
                            "taken by other/api on a, b"));
    EXPECT_THAT(collisions({creates({"8080:80/udp"}, 3)}, town()), IsEmpty()) << "another protocol";
    EXPECT_THAT(collisions({creates({"53:53/udp"}, 1, {"node.zone != west"})}, town()),
                ElementsAre("shop/web: port 53/udp is taken on every node that could run it, by "
                            "other/api on a, b"));
}

TEST(Collisions, CountOnlyNodesThatCouldRunIt) {
    auto around = town();
    around.nodes[2]["draining"] = true;
    EXPECT_THAT(collisions({creates({"8080:80"})}, around), ElementsAre(HasSubstr("every node")));
    around = town();
    EXPECT_THAT(collisions({creates({"8080:80"}, 1, {"node.name == a"})}, around),
                ElementsAre(HasSubstr("by other/api on a")));
    EXPECT_THAT(collisions({creates({"8080:80"}, 1, {"node.labels.gpu"})}, around), IsEmpty());
    around.slots[0]["state"] = "failed";
    EXPECT_THAT(collisions({creates({"8080:80"}, 2)}, around), IsEmpty());
}

TEST(Collisions, AreSaidOfServicesOfOneFile) {
    auto api = creates({"9000:80"}, 2);
    api.name = "shop/api";
    EXPECT_THAT(collisions({creates({"9000:80"}), api}, town()), IsEmpty()) << "three nodes";
    EXPECT_THAT(collisions({creates({"9000:80"}, 2), api}, town()),
                ElementsAre("shop/api: port 9000 is wanted by shop/web too, by 4 replicas in all, "
                            "and there are 3 nodes for them"));
    api.job["constraints"] = {"node.zone == west"};
    api.job["replicas"] = 1;
    EXPECT_THAT(collisions({creates({"9000:80"}, 2, {"node.zone != west"}), api}, town()),
                IsEmpty())
        << "they never meet";
    api.job["constraints"] = Json::array();
    api.job["mode"] = "global";
    EXPECT_THAT(collisions({creates({"9000:80"}), api}, town()), SizeIs(1));
}

TEST(Collisions, AreNoneWithOneselfAndWithWhatGoes) {
    auto around = town();
    around.jobs[0]["name"] = "shop/web";
    for (auto& one : around.slots) {
        one["job"] = "shop/web";
    }
    EXPECT_THAT(collisions({creates({"8080:80"}, 3)}, around), IsEmpty());
    auto goes = creates({});
    goes.kind = Step::Kind::Remove;
    goes.name = "other/api";
    EXPECT_THAT(collisions({creates({"8080:80"}, 3), goes}, town()), IsEmpty());
}

TEST(Tree, ShowsEachServiceWithAllThatMatters) {
    ComposeFile file;
    file.file = "compose.yaml";
    file.project = compose::loaded(
        "name: shop\nservices:\n  db:\n    image: redis\n    ports: ['6379:6379', '53:53/udp']\n"
        "    volumes: ['data:/data:ro', '/srv/media:/media', {type: tmpfs, target: /tmp}]\n"
        "volumes: {data: }\n");
    Json job = compose::job_of(file.project, file.project.services[0], "");
    const Json there{{"slots", {slot("shop/db", "b"), slot("shop/db", "a"), slot("shop/db", "")}}};
    const std::vector<Step> steps{{Step::Kind::Change, "shop/db", job, 3, there}};
    EXPECT_EQ(project_tree(file, steps),
              "project shop, from compose.yaml\n"
              "  change db: 1 replica of redis\n"
              "    ports    6379:6379, 53:53/udp\n"
              "    volumes  shop_data -> /data:ro, /srv/media -> /media\n"
              "    now on   a, b\n");
    EXPECT_THAT(project_tree(file, {{Step::Kind::Create, "shop/db", {{"mode", "global"}}}}),
                HasSubstr(": one replica on each node of "));
}

TEST(Urls, AreThoseOfThePortsThatWereGiven) {
    const Json job{{"name", "shop/web"},
                   {"ports", {"80", "127.0.0.1:9000:90", "53:53/udp"}},
                   {"slots",
                    {{{"index", 0}, {"node", "10.0.0.1"}, {"ports", {31000U, 9000U, 53U}}},
                     {{"index", 1}, {"node", "gone"}, {"ports", {31001U, 9000U, 53U}}}}}};
    EXPECT_EQ(list_of_urls({job}, Json::array({node("10.0.0.1")})),
              "shop/web.0  http://10.0.0.1:31000\n"
              "shop/web.0  http://127.0.0.1:9000\n"
              "shop/web.0  10.0.0.1:53/udp\n");
}

class Privileged : public CliTest {
protected:
    Ran up_where_nodes_allow(bool allowed) {
        auto one = node("a");
        one["privileged"] = allowed;
        node_.answers("GET /v1/nodes", Json::array({one}).dump());
        node_.answers("GET /v1/jobs", "[]");
        node_.answers("GET /v1/slots", "[]");
        node_.answers("PUT /v1/jobs/shop%2Fweb", R"({"name": "shop/web", "generation": 1,
                      "acked": 1, "wanted": 1, "missing": []})");
        return run({"up", "-y", "-d", "-"},
                   "name: shop\nservices:\n  web:\n    image: a\n    cap_add: [SYS_ADMIN]\n");
    }
};

TEST_F(Privileged, IsRefusedWhileNoNodeAllowsIt) {
    const auto ran = up_where_nodes_allow(false);
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err,
                AllOf(HasSubstr("no node allows what reaches beyond a container\n"),
                      HasSubstr("standard input:5:15: services.web.cap_add: SYS_ADMIN reaches"),
                      HasSubstr("shoal agent --allow-privileged")));
}

TEST_F(Privileged, GoesUpWhereANodeDoes) {
    const auto ran = up_where_nodes_allow(true);
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
}

}  // namespace
}  // namespace shoal::cli
