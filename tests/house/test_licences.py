"""Every library our programs load is listed, under a licence its copyright file confirms."""
import os
import unittest

import licences

ROOT = os.environ["SHOAL_SOURCE_DIR"]
PROGRAMS = os.environ["SHOAL_PROGRAMS"].split(os.pathsep)
# Headers leave no trace in a program; what CMake finds of them is this list.
HEADERS = ("libasio-dev", "libmsgpack-cxx-dev", "libexpected-dev", "libcli11-dev", "nlohmann-json3-dev",
           "libvalijson-dev")


class Programs(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "docs/decisions/licences.md"), encoding="utf-8") as file:
            self.rows = licences.table(file.read())

    def test_load_only_what_is_listed_and_may_be_linked(self):
        for program in PROGRAMS:
            with self.subTest(program):
                files = licences.loaded(program)
                self.assertIn("libstdc++", files)
                text = lambda name, files=files: licences.copyright_of(licences.package_of(files[name]))
                self.assertEqual([], list(licences.complaints(files, self.rows, text)))

    def test_headers_are_listed_and_may_be_used(self):
        self.assertEqual([], list(licences.complaints(HEADERS, self.rows, licences.copyright_of)))

    def test_no_row_leaves_only_the_gpl(self):
        self.assertGreater(len(self.rows), 30)
        self.assertEqual([], [name for name, row in self.rows.items() if licences.gpl_only(row)])


class Planted(unittest.TestCase):
    ROWS = licences.table("| Library | Licence | For |\n| --- | --- | --- |\n"
                          "| libgood | MIT | a |\n| libchoice | Apache-2.0 OR GPL-2 | b |\n"
                          "| libbad | GPL-2 | c |\n| libodd | Mystery-1.0 | d |\n"
                          "| libruntime | GPL-3 WITH GCC-exception | e |\n")

    def complaints(self, library, text):
        return list(licences.complaints([library], self.ROWS, lambda _: text))

    def test_good_ones_pass(self):
        self.assertEqual([], self.complaints("libgood", "License: Expat"))
        self.assertEqual([], self.complaints("libchoice", "License: GPL-2 or Apache-2.0"))
        self.assertEqual([], self.complaints("libruntime", "the GCC Runtime Library Exception"))

    def test_a_family_shares_a_row(self):
        rows = licences.table("| libfam_* | MIT | a |\n| libfam_odd | GPL-2 | b |\n")
        self.assertEqual(["MIT"], licences.row_of("libfam_one", rows))
        self.assertEqual(["GPL-2"], licences.row_of("libfam_odd", rows))
        self.assertIsNone(licences.row_of("libfamily", rows))

    def test_bad_ones_are_named(self):
        for library, text, part in (("libunknown", "License: Expat", "not listed"),
                                    ("libbad", "License: GPL-2", "GPL alone"),
                                    ("libgood", "License: GPL-2", "does not mention MIT"),
                                    ("libodd", "License: Mystery-1.0", "no way known")):
            with self.subTest(library):
                found = self.complaints(library, text)
                self.assertEqual(1, len(found), found)
                self.assertIn(part, found[0])

    def test_names_of_libraries_lose_their_versions(self):
        for soname, name in (("libldap-2.5.so.0", "libldap"), ("libstdc++.so.6", "libstdc++"),
                             ("libspdlog.so.1.10", "libspdlog"), ("libyaml-cpp.so.0.7", "libyaml-cpp"),
                             ("libp11-kit.so.0", "libp11-kit")):
            self.assertEqual(name, licences.stem(soname))


if __name__ == "__main__":
    unittest.main()
