"""What containers really have mounted: volumes that outlive them, files handed to them, memory, folders
of the host; and what is in a volume at first."""
import os
import subprocess

from containerd_process import Containerd
from harness import ProcessTest, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]
# Adds a line to the volume and says all there are; then stays.
COUNTS = 'sh -c "echo start >>/data/starts; cat /data/starts; exec sleep 1000"'
SHOP = """
name: shop
services:
  db:
    image: test/busybox:1
    restart: always
    command: COMMAND
    environment: {VERSION: "1"}
    volumes: ["data:/data"]
volumes: {data: }
"""
FILES = """
name: files
services:
  web:
    image: test/fish
    restart: always
    command: sh -c 'cat /etc/app.conf /run/secrets/key /extra; ls -ln /etc/app.conf; grep -E "key|memory|etc" /proc/mounts; touch /etc/app.conf && echo WRITTEN; exec sleep 1000'
    configs: [{source: app, target: /etc/app.conf, uid: "1234", mode: 0440}]
    secrets: [key]
    volumes: ["./extra:/extra:ro"]
    tmpfs: ["/memory:size=1m,mode=700"]
configs: {app: {content: "of the config\\n"}}
secrets: {key: {file: ./key}}
"""


class Volumes(ProcessTest):
    def setUp(self):
        super().setUp()
        self.containerd = Containerd()
        self.addCleanup(self.containerd.remove)
        self.containerd.start()
        self.bindable = os.path.join(self.root, "bindable")
        os.makedirs(self.bindable)
        self.agent = self.node("a", flags=[*self.containerd.flags(), "--network", "host",
                                           "--allow-bind", self.bindable])
        self.agent.start()
        self.assertEqual(self.agent.cli("init").code, 0)
        loaded = self.agent.cli("image", "load", IMAGE)
        self.assertEqual(loaded.code, 0, loaded)

    def tearDown(self):
        self.agent.kill()
        subprocess.run(["umount", "-q", "-l", os.path.join(self.agent.dir, "files")], check=False, stderr=subprocess.DEVNULL)
        super().tearDown()

    def up(self, text, **files):
        for name, content in files.items():
            with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
                file.write(content)
        path = os.path.join(self.root, "compose.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        ran = self.agent.cli("up", "-y", path, timeout=120)
        self.assertEqual(ran.code, 0, ran)

    def says(self, job, what):
        until(lambda: what in self.agent.cli("logs", job, "-q").out, f"{job} says {what!r}", self.agent)

    def test_data_survives_the_container_its_replacement_and_the_project(self):
        self.up(SHOP.replace("COMMAND", COUNTS))
        (first,) = self.containerd.pids().values()
        os.kill(first, 9)
        until(lambda: set(self.containerd.pids().values()) - {first}, "another one runs", self.agent)
        self.up(SHOP.replace("COMMAND", COUNTS).replace('"1"', '"2"'))
        self.assertEqual(self.agent.cli("down", "-y", "-p", "shop").code, 0)
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "nothing runs", self.agent)
        self.up(SHOP.replace("COMMAND", COUNTS))
        volume = os.path.join(self.agent.data, "volumes", os.listdir(os.path.join(self.agent.data, "volumes"))[0],
                              "shop_data", "0")
        self.assertEqual(os.stat(volume).st_mode & 0o777, 0o755)
        with open(os.path.join(volume, "starts"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "start\n" * 4)

    def test_a_volume_begins_with_what_the_image_has_there(self):
        self.up(SHOP.replace("COMMAND", 'sh -c "cat /etc/group; exec sleep 1000"').replace("data:/data", "data:/etc"))
        self.says("shop/db", "shoal:x:4321:fish")

    def test_files_and_memory_are_where_they_should_be_and_as_they_should_be(self):
        self.up(FILES, key="of the secret\n", extra="of this folder\n")
        for what in ("of the config", "of the secret", "of this folder", "-r--r-----", "1234", "tmpfs /memory tmpfs",
                     "size=1024k"):
            self.says("files/web", what)
        self.assertNotIn("WRITTEN", self.agent.cli("logs", "files/web", "-q").out)
        self.assertEqual(self.agent.cli("down", "-y", "-p", "files").code, 0)
        until(lambda: os.listdir(os.path.join(self.agent.dir, "files")) == [], "no file is left", self.agent)

    def test_a_folder_of_the_host_is_mounted_where_its_agent_allows_it(self):
        inside = os.path.join(self.bindable, "inside")
        os.makedirs(inside)
        text = SHOP.replace("COMMAND", COUNTS).replace("data:/data", inside + ":/data")
        self.up(text)
        with open(os.path.join(inside, "starts"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "start\n")
        self.agent.cli("up", "-y", "-d", "-", stdin=text.replace(inside, "/etc").replace("shop", "bad").encode())
        until(lambda: "lets no container mount /etc" in " ".join(self.agent.cli("explain", "bad/db").out.split()),
              "explain says why not", self.agent)
        missing = os.path.join(self.bindable, "missing")
        self.agent.cli("up", "-y", "-d", "-", stdin=text.replace(inside, missing).replace("shop", "none").encode())
        until(lambda: f"this node has no {missing}" in " ".join(self.agent.cli("ps", "none/db", "-o", "json").out.split()),
              "ps says what is missing", self.agent)


if __name__ == "__main__":
    main()
