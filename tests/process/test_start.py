"""What keeps an agent from starting, or a person from reaching it: each with a reason and a remedy."""
import os
import shutil
import socket
import subprocess

from harness import DEADLINE, SHOAL, ProcessTest, main


class Start(ProcessTest):
    def founded(self, name):
        node = self.node(name).start()
        ran = node.cli("init")
        self.assertEqual(ran.code, 0, ran)
        return node

    def test_a_taken_port_is_named_whether_udp_or_tcp(self):
        for kind, number in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):
            with self.subTest(kind), socket.socket(socket.AF_INET, number) as taken:
                node = self.founded("n" + kind)
                node.kill()
                taken.bind(("127.0.0.1", node.port))
                if kind == "TCP":
                    taken.listen()
                said = self.refuses(node)
                self.assertIn(f"{kind} 127.0.0.1:{node.port} is in use by another process", said)
                self.assertIn("--port", said)

    def test_init_on_a_taken_port_leaves_the_node_idle_and_can_be_repeated(self):
        a = self.founded("a")
        b = self.node("b", port=a.port).start()
        ran = b.cli("init")
        self.assertEqual(ran.code, 6, ran)
        self.assertIn(f":{a.port} is in use", ran.err)
        self.assertEqual(b.api("GET", "/v1/status")[1]["state"], "idle")
        a.kill()
        self.assertEqual(b.cli("init").code, 0)

    def test_a_taken_http_port_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = self.refuses(self.node("a"), "--http", f"127.0.0.1:{port}")
        self.assertIn(f"127.0.0.1:{port} is in use by another process", said)
        self.assertIn("--http", said)

    def test_an_address_this_host_does_not_have_is_named(self):
        a = self.founded("a")
        a.kill()
        said = self.refuses(a, "--bind", "192.0.2.1")
        self.assertIn("192.0.2.1", said)
        self.assertIn("this host has no such address", said)
        self.assertIn("--bind", said)

    def test_a_data_directory_in_use_names_the_process_that_has_it(self):
        a = self.founded("a")
        second = self.node("b")
        said = self.refuses(second, "--data-dir", a.data)
        self.assertIn(f"data directory {a.data} is in use by another shoal agent "
                      f"(process {a.process.pid})", said)
        self.assertIn("--data-dir", said)
        self.assertEqual(a.api("GET", "/v1/status")[0], 200)

    def test_a_socket_in_use_names_the_path(self):
        a = self.founded("a")
        said = self.refuses(self.node("b"), "--socket", a.socket)
        self.assertIn(f"another process listens on {a.socket}", said)
        self.assertEqual(a.api("GET", "/v1/status")[0], 200)

    def test_a_data_directory_of_a_newer_format_is_left_untouched(self):
        a = self.founded("a")
        a.kill()
        path = os.path.join(a.data, "cluster.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        newer = text.replace("format: 1\n", "format: 7\n").replace("needs: 0.1.0\n", "needs: 3.2.1\n")
        self.assertNotEqual(newer, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(newer)
        said = self.refuses(a)
        self.assertIn("format 7", said)
        self.assertIn("shoal 3.2.1 or newer", said)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), newer)

    def test_a_journal_of_another_cluster_does_not_come_along(self):
        a = self.founded("a")
        self.apply(a, name="ours", image="example/ours", replicas=1)
        a.kill()
        other = self.founded("other")
        # A reset cut short: the name of the cluster is gone, its journal is not.
        os.unlink(os.path.join(a.data, "cluster.yaml"))
        a.start()
        ran = a.cli("join", other.address, "--token-file", "-", stdin=self.token_of(other).encode())
        self.assertEqual(ran.code, 6, ran)
        self.assertIn("state/db is the journal of cluster", ran.err)
        self.assertIn("shoal reset", ran.err)
        self.assertEqual(a.cli("init").code, 6)
        ran = a.cli("reset", "-y")
        self.assertEqual(ran.code, 0, ran)
        ran = a.cli("join", other.address, "--token-file", "-", stdin=self.token_of(other).encode())
        self.assertEqual(ran.code, 0, ran)
        self.all_see([a, other], a, "alive")
        self.assertIsNone(self.job(other, "ours"))

    def test_a_cluster_file_of_another_cluster_is_refused_with_both_named(self):
        a, other = self.founded("a"), self.founded("other")
        ids = [n.api("GET", "/v1/status")[1]["cluster"] for n in (a, other)]
        a.kill()
        for name in ("cluster.yaml", "cluster.key"):
            shutil.copy2(os.path.join(other.data, name), os.path.join(a.data, name))
        said = self.refuses(a)
        for cluster in ids:
            self.assertIn(cluster, said)

    def test_others_can_read_the_data_directory(self):
        a = self.founded("a")
        a.kill()
        os.chmod(a.data, 0o755)
        self.assertIn(f"chmod 700 {a.data}", self.refuses(a))

    def test_whoever_started_it_is_told_when_it_answers(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as starter:
            starter.bind(os.path.join(self.root, "notify"))
            starter.settimeout(DEADLINE)
            a = self.node("a").start(env={"NOTIFY_SOCKET": starter.getsockname()}, wait=False)
            self.assertEqual(starter.recv(4096), b"READY=1\n")
            self.assertEqual(a.cli("status").code, 0)

    def test_no_permission_for_the_socket_says_who_may(self):
        a = self.founded("a")
        os.chmod(self.root, 0o755)
        environment = {"SHOAL_ADDR": "unix://" + a.socket, "PATH": os.environ["PATH"]}
        who = {}
        if os.geteuid() == 0:
            # Root may everything: ask as nobody, who has to reach the program too.
            program = os.path.join(self.root, "shoal")
            shutil.copy2(SHOAL, program)
            who = {"user": 65534, "group": 65534, "extra_groups": []}
        else:
            program = SHOAL
            os.chmod(a.socket, 0)
        ran = subprocess.run([program, "status"], env=environment, stdin=subprocess.DEVNULL, cwd="/",
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **who)
        said = ran.stderr.decode()
        self.assertEqual(ran.returncode, 7, said)
        self.assertIn(a.socket, said)
        self.assertIn("permission denied", said)
        self.assertIn("usermod -aG shoal", said)

    def test_no_agent_at_the_socket_says_how_to_start_one(self):
        a = self.founded("a")
        a.kill()
        ran = a.cli("status")
        self.assertEqual(ran.code, 7, ran)
        self.assertIn("shoal agent", ran.err)

    def test_a_flag_with_a_wrong_value_says_what_would_be_right(self):
        for flag, value, valid in (("--port", "70000", "1 to 65535"), ("--capacity", "cpus=x", "cpus=N"),
                                   ("--runtime", "docker", "none, containerd or fake"), ("--http", "nowhere", "ADDRESS:PORT"),
                                   ("--name", "a b", "letters")):
            with self.subTest(flag):
                node = self.node("n" + flag.strip("-"))
                node.start(flag, value, wait=False)
                self.assertNotEqual(node.process.wait(60), 0)
                self.assertIn(flag.strip("-"), node.read_log())
                self.assertIn(valid, node.read_log())


if __name__ == "__main__":
    main()
