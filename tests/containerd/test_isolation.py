"""Runs of the containerd tests do not meet: two at once both pass, and one that is SIGKILLed is cleared
by the next. The subset below makes everything the whole makes: containerds, containers, limits, bridges.
"""
import os
import signal
import subprocess
import sys
import unittest

import run
from harness import until

HERE = os.path.dirname(os.path.abspath(__file__))
WORLD = os.path.join(HERE, "../../scripts/lab/world.py")
SUBSET = " && ".join([
    f"{os.environ['SHOAL_CONTAINERD_TESTS']} "
    "--gtest_filter=*LimitsAreThoseOfTheJob:*AKilledShimEndsItsContainer:*WhatIsNobodysIsRemoved*",
    f"{sys.executable} {HERE}/test_agent.py Agent.test_a_job_runs_is_adopted_by_the_next_agent_and_ends",
    f"{sys.executable} {HERE}/test_bridge.py Bridge.test_replicas_listen_on_one_port_side_by_side_and_outlive_the_agent",
])


class Suite:
    def __init__(self, command=SUBSET):
        self.id = run.new_id()
        self.process = subprocess.Popen([sys.executable, WORLD, "--id", self.id, "sh", "-c", command],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ends(self):
        said = self.process.communicate()[0]
        return self.process.returncode, said


class Isolation(unittest.TestCase):
    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "these tests make containers, and need root")

    def suite(self, command=SUBSET):
        suite = Suite(command)
        self.addCleanup(suite.process.terminate)
        return suite

    def nothing_left(self, *suites):
        for suite in suites:
            self.assertEqual(run.left(suite.id), {})

    def test_two_runs_at_once_both_pass_and_leave_nothing(self):
        both = [self.suite(), self.suite()]
        until(lambda: all(run.cgroups(suite.id) for suite in both), "both have containers, at one time")
        for suite in both:
            code, said = suite.ends()
            self.assertEqual(code, 0, said)
        self.nothing_left(*both)

    def test_a_run_that_was_killed_is_cleared_by_the_next(self):
        killed = self.suite()
        until(lambda: run.cgroups(killed.id), "it has a container")
        killed.process.kill()
        killed.ends()
        until(lambda: not run.processes(killed.id), "the world ended with the process that made it")
        self.assertEqual(set(run.left(killed.id)), {"cgroups", "files"})
        following = self.suite()
        code, said = following.ends()
        self.assertEqual(code, 0, said)
        self.nothing_left(killed, following)

    def test_a_run_that_lives_is_not_cleared_by_others(self):
        living = self.suite("sleep 1000")
        until(lambda: run.processes(living.id), "it lives")
        self.assertEqual(self.suite("true").ends()[0], 0)
        self.assertNotIn(living.id, run.sweep())
        self.assertTrue(os.path.isdir(run.place(living.id)))
        living.process.terminate()
        self.assertEqual(living.ends()[0], 128 + signal.SIGTERM)
        self.nothing_left(living)

    def test_an_id_is_refused_when_it_is_taken_or_cannot_be_a_name(self):
        living = self.suite("sleep 1000")
        until(lambda: run.processes(living.id), "it lives")
        for bad in (living.id, "../x", ""):
            ran = subprocess.run([sys.executable, WORLD, "--id", bad, "true"], stderr=subprocess.PIPE, text=True,
                                 check=False)
            self.assertEqual(ran.returncode, 1, ran)
            self.assertIn("world: ", ran.stderr)
            self.assertNotIn("Traceback", ran.stderr)
        living.process.terminate()
        living.ends()
        self.nothing_left(living)


if __name__ == "__main__":
    unittest.main(verbosity=2)
