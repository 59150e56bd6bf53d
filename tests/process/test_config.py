"""agent.yaml, the environment and flags together, and what is said of a file that is wrong."""
import os
import subprocess

from harness import SHOAL, ProcessTest, Ran, main


class Config(ProcessTest):
    def print_config(self, text, *flags, env=None):
        self.path = os.path.join(self.root, "agent.yaml")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHOAL_")}
        return Ran(subprocess.run([SHOAL, "agent", "--config", self.path, "--print-config", *flags],
                                  env={**environment, **(env or {})}, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False))

    def test_flags_outweigh_the_environment_and_that_the_file(self):
        text = "port: 1000\nzone: file\nname: file\nlabel:\n  - a=1\n  - b=2\n"
        ran = self.print_config(text, "--port", "3000", env={"SHOAL_PORT": "2000", "SHOAL_ZONE": "environment"})
        self.assertEqual(ran.code, 0, ran)
        for line in ("port: 3000\n", "zone: environment\n", "name: file\n", "- a=1\n", "- b=2\n"):
            self.assertIn(line, ran.out)
        again = self.print_config(ran.out)
        self.assertEqual(again.out, ran.out, "what it prints is a file it reads")

    def test_what_is_wrong_is_said_with_file_line_and_column(self):
        for text, place, says in (
                ("port: 7373\nzome: a\n", "2:1", "no such setting: zome"),
                ("port: 70000\n", "1:7", "1 to 65535"),
                ("label:\n  - a=1\n  - b\n", "3:5", "KEY=VALUE"),
                ("name:\n  first: a\n", "2:3", "expected a plain value"),
                ("port: [1, 2]\n", "1:7", "not a list"),
                ("zone: a\nzone: b\n", "2:1", "is there twice"),
                ("init: true\n", "1:1", "belongs on the command line"),
                ("- port\n", "1:1", "'word: value'"),
                ("zone: [a\n", "2:1", "end of sequence"),
                ("? [a]\n: b\n", "1:3", "'word: value'")):
            with self.subTest(text):
                ran = self.print_config(text)
                self.assertEqual(ran.code, 1, ran)
                self.assertIn(f"{self.path}:{place}: ", ran.err)
                self.assertIn(says, ran.err)
                self.assertEqual(ran.out, "")

    def test_a_file_that_is_named_has_to_be_there(self):
        ran = Ran(subprocess.run([SHOAL, "agent", "--config", self.root + "/none", "--print-config"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False))
        self.assertEqual(ran.code, 1, ran)
        self.assertIn(self.root + "/none: No such file", ran.err)

    def test_the_file_of_the_package_is_one(self):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../cmake/package/agent.yaml")
        with open(source, encoding="utf-8") as file:
            text = file.read()
        # Also what it only suggests.
        for each in (text, text.replace("\n# ", "\n").replace("\n#   ", "\n  ").split("\n", 4)[4]):
            ran = self.print_config(each)
            self.assertEqual(ran.code, 0, ran)
            self.assertIn("runtime: containerd\n", ran.out)


if __name__ == "__main__":
    main()
