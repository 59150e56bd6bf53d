// Volumes, configs and secrets of a service: each form, and what is said of what fits none.
#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A project of one service with these keys, and of what else the file declares.
std::string with(const std::string& keys, const std::string& more = "volumes: {data: }\n") {
    return "services:\n  web:\n    image: web\n" + keys + more;
}

Service only(const std::string& text, Files files = {}) {
    auto project = loaded(text, std::move(files));
    return project.services.empty() ? Service{} : project.services.front();
}

// "volume shop_data /data ro": what a list of volumes comes to.
std::vector<std::string> mounts(const std::string& list, Files files = {}) {
    std::vector<std::string> out;
    for (const auto& mount : only(with("    volumes: [" + list + "]\n"), std::move(files)).mounts) {
        out.push_back(mount.type + " " + mount.source + " " + mount.target +
                      (mount.read_only ? " ro" : "") + (mount.copy ? "" : " nocopy"));
    }
    return out;
}

std::vector<std::string> refusals(const std::string& text, Files files = {}) {
    std::vector<std::string> out;
    for (const auto& finding : loaded(text, std::move(files)).findings) {
        if (is_refused(finding)) {
            out.push_back(to_string(finding.path) + ": " + std::string{finding.why});
        }
    }
    return out;
}

TEST(Volumes, HaveShortAndLongForms) {
    EXPECT_THAT(mounts("'data:/data'"), ElementsAre("volume shop_data /data"));
    EXPECT_THAT(mounts("'data:/data:ro,nocopy'"), ElementsAre("volume shop_data /data ro nocopy"));
    EXPECT_THAT(mounts("'data:/data/:rw,z'"), ElementsAre("volume shop_data /data"));
    EXPECT_THAT(mounts("/var/cache"), ElementsAre("volume shop_web-var-cache /var/cache"));
    EXPECT_THAT(mounts("'/srv/media:/media:ro'"), ElementsAre("bind /srv/media /media ro"));
    EXPECT_THAT(mounts("{type: volume, source: data, target: /d, read_only: true, "
                       "volume: {nocopy: true}}"),
                ElementsAre("volume shop_data /d ro nocopy"));
    EXPECT_THAT(mounts("{type: volume, target: /d}"), ElementsAre("volume shop_web-d /d"));
    EXPECT_THAT(mounts("{type: bind, source: /srv, target: /d}"), ElementsAre("bind /srv /d"));
    EXPECT_THAT(mounts("{type: tmpfs, target: /d, tmpfs: {size: 1048576, mode: 0700}}"),
                ElementsAre("tmpfs  /d"));
}

TEST(Volumes, HaveTheNamesTheFileGivesThem) {
    const auto name = [](const std::string& declared) {
        return only(with("    volumes: ['data:/data']\n", "volumes: {data: " + declared + "}\n"))
            .mounts.at(0);
    };
    EXPECT_EQ(name("{name: books}").source, "books");
    EXPECT_EQ(name("{external: true}").source, "data");
    EXPECT_TRUE(name("{external: true}").external);
    EXPECT_EQ(name("{external: true, name: books}").source, "books");
    EXPECT_EQ(name("{external: {name: books}}").source, "books");
    EXPECT_FALSE(name("{external: false}").external);
}

TEST(Volumes, AreOneForAllWhereSeveralServicesNameThem) {
    const auto project = loaded(
        "services:\n  a: {image: a, volumes: ['data:/a', 'own:/b']}\n"
        "  b: {image: b, volumes: ['data:/a']}\nvolumes: {data: , own: }\n");
    EXPECT_TRUE(project.services.at(0).mounts.at(0).shared);
    EXPECT_FALSE(project.services.at(0).mounts.at(1).shared);
    EXPECT_TRUE(project.services.at(1).mounts.at(0).shared);
}

TEST(Volumes, OfAGlobalServiceAreItsOwn) {
    const std::string keys = "    deploy: {mode: global}\n    volumes: ['data:/data']\n";
    const auto project = loaded(with(keys, "volumes: {data: }\n"));
    EXPECT_FALSE(project.services.at(0).mounts.at(0).shared);
    EXPECT_THAT(project.remarks.at(0).what,
                HasSubstr("each node has a volume 'shop_data' of its own"));
    EXPECT_THAT(complaints(with(keys, "volumes: {data: {external: true}}\n")),
                HasSubstr("it is global, so each node has a volume"));
}

TEST(Volumes, AreOnePerReplicaOtherwiseAndThatIsRemarked) {
    const auto project = loaded(with("    volumes: ['data:/data']\n    scale: 3\n"));
    ASSERT_THAT(project.remarks, SizeIs(1));
    EXPECT_THAT(project.remarks[0].what,
                HasSubstr("each of its 3 replicas has a volume 'shop_data' of its own"));
}

TEST(Volumes, SayWhatIsWrongWithOne) {
    EXPECT_THAT(complaints(with("    volumes: ['none:/data']\n")),
                HasSubstr("f:4:15: 'none' is not among the volumes of this file"));
    EXPECT_THAT(complaints(with("    volumes: [':/data']\n")),
                HasSubstr("nothing stands before ':/data'"));
    EXPECT_THAT(complaints(with("    volumes: ['data:data']\n")),
                HasSubstr("'data' is no place in a container"));
    EXPECT_THAT(complaints(with("    volumes: ['data:/data:fast']\n")),
                HasSubstr("SOURCE:TARGET[:OPTIONS] with ro, rw or nocopy"));
    EXPECT_THAT(complaints(with("    volumes: ['data:/data', '/data']\n")),
                HasSubstr("'/data' is mounted on twice"));
    EXPECT_THAT(complaints(with("    volumes: data\n")), HasSubstr("a list of SOURCE:TARGET[:ro]"));
}

TEST(Volumes, OfThisMachineAreHandedOverIfTheyAreFilesToBeRead) {
    const auto service =
        only(with("    volumes: ['./app.conf:/etc/app.conf:ro']\n"), {{"./app.conf", "a = b\n"}});
    EXPECT_THAT(service.mounts, IsEmpty());
    ASSERT_THAT(service.files, SizeIs(1));
    EXPECT_EQ(service.files[0].target, "/etc/app.conf");
    EXPECT_EQ(service.files[0].content, "a = b\n");
    EXPECT_THAT(refusals(with("    volumes: ['./app.conf:/etc/app.conf']\n"), {{"./app.conf", ""}}),
                ElementsAre(HasSubstr("services.web.volumes[0]: a path of this machine")));
    EXPECT_THAT(refusals(with("    volumes: ['./none:/etc:ro']\n")),
                ElementsAre(HasSubstr("no such file")));
    auto source = source_of(with("    volumes: ['./folder:/etc:ro']\n"));
    source.read = [](const std::string&) -> Result<std::string> {
        return fail(Errc::Io, "is a folder");
    };
    EXPECT_THAT(loaded(source).findings.at(0).why, HasSubstr("only single files are"));
}

TEST(Volumes, DoNotGiveAwayTheEngine) {
    EXPECT_THAT(refusals(with("    volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']\n")),
                ElementsAre(HasSubstr("the host's root")));
}

TEST(HandedFiles, ComeFromFilesVariablesAndTheFileItself) {
    auto source = source_of(
        with("    configs: [a, {source: b, target: /etc/b, uid: '7', gid: '8', mode: 0400}]\n"
             "    secrets: [c, {source: c, target: d}]\n",
             "configs: {a: {content: 'one $$'}, b: {file: ./b}}\nsecrets: {c: {environment: C}}\n"),
        {{"./b", "two"}});
    source.environment["C"] = "three";
    const auto files = loaded(source).services.at(0).files;
    ASSERT_THAT(files, SizeIs(4));
    EXPECT_EQ(files[0].target, "/a");
    EXPECT_EQ(files[0].content, "one $");
    EXPECT_EQ(files[0].mode, 0444U);
    EXPECT_FALSE(files[0].secret);
    EXPECT_EQ(files[1].target, "/etc/b");
    EXPECT_EQ(files[1].content, "two");
    EXPECT_EQ(files[1].uid, 7U);
    EXPECT_EQ(files[1].gid, 8U);
    EXPECT_EQ(files[1].mode, 0400U);
    EXPECT_EQ(files[2].target, "/run/secrets/c");
    EXPECT_EQ(files[2].content, "three");
    EXPECT_TRUE(files[2].secret);
    EXPECT_EQ(files[3].target, "/run/secrets/d");
}

TEST(HandedFiles, MissingForTwoServicesAreSaidOnce) {
    EXPECT_EQ(complaints("services:\n  a: {image: a, configs: [c]}\n  b: {image: b, configs: [c]}\n"
                         "configs: {c: {file: ./c}}\n"),
              "f:4:21: configs.c: not there\n");
}

TEST(HandedFiles, SayWhatIsWrongWithOne) {
    const auto complaint = [](const std::string& declared, Files files = {}) {
        return complaints(with("    configs: [a]\n", "configs: {a: " + declared + "}\n"),
                          std::move(files));
    };
    EXPECT_THAT(complaint("{file: ./a}"), HasSubstr("configs.a: not there"));
    EXPECT_THAT(complaint("{environment: A}"), HasSubstr("configs.a: variable 'A' is not set"));
    EXPECT_THAT(complaint("{}"), HasSubstr("expected 'file', 'environment' or 'content'"));
    EXPECT_THAT(complaint("{file: ./a}", {{"./a", std::string(65 << 10U, 'x')}}),
                HasSubstr("at most 64 KiB"));
    EXPECT_THAT(
        complaints(with("    configs: [{source: a, mode: 999}]\n", "configs: {a: {content: x}}\n")),
        HasSubstr("octal digits, as 0444"));
    EXPECT_THAT(complaints(with("    secrets: [a]\n", "")),
                HasSubstr("'a' is not among the secrets"));
}

TEST(HandedFiles, AreNamedByADigestInTheJob) {
    const auto project = loaded(with("    configs: [a]\n", "configs: {a: {content: hello}}\n"));
    const auto job = job_of(project, project.services.at(0), "");
    EXPECT_EQ(job["files"][0]["content_base64"], "aGVsbG8=");
    EXPECT_EQ(job["files"][0]["size"], 5);
    EXPECT_EQ(job["files"][0]["mode"], "0444");
    EXPECT_EQ(job["files"][0]["digest"].get<std::string>().size(), 32U);
}

TEST(VolumeLoss, IsSaidUnderShoalsOwnKey) {
    EXPECT_EQ(only(with("")).on_volume_node_loss, "wait");
    EXPECT_EQ(only(with("    x-shoal: {on_volume_node_loss: recreate}\n")).on_volume_node_loss,
              "recreate");
    EXPECT_THAT(complaints(with("    x-shoal: {on_volume_node_loss: forget}\n")),
                HasSubstr("one of wait, recreate"));
}

}  // namespace
}  // namespace shoal::compose
