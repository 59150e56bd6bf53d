"""What programs load, what docs/decisions/licences.md says of it, and what Debian's copyright files say."""
import os
import re
import subprocess

# Part of the system, and the page the kernel brings; as `stem` leaves them.
SYSTEM = ("linux-vdso", "ld-linux-x86", "libc", "libm", "libpthread", "libresolv", "librt", "libdl")

# How a licence shows itself in a copyright file.
EVIDENCE = {
    "Apache-2.0": r"Apache-2|Apache License",
    "BSD-2-Clause": r"(?i)BSD-2-?clause",
    "BSD-3-Clause": r"(?i)BSD-?3|Redistribution and use in source and binary forms",
    "BSL-1.0": r"(?i)boost",
    "CC0-1.0": r"CC0",
    "curl": r"(?m)^License: curl",
    "bzip2": r"BSD-variant",
    "GPL-2": r"GPL",
    "GPL-3 WITH GCC-exception": r"(?i)GCC Runtime\s+Library Exception",
    "ISC": r"ISC",
    "LGPL-2.1": r"LGPL|Lesser\s+General\s+Public",
    "LGPL-3": r"LGPL-3|Lesser\s+General\s+Public",
    "MIT": r"Expat|MIT|X11|Permission is hereby granted, free of charge",
    "OLDAP-2.8": r"OpenLDAP",
    "Unicode": r"(?i)unicode",
    "Zlib": r"(?i)zlib",
    "public domain": r"(?i)public domain",
}


def table(text):
    """name -> alternatives, for every row of the document's tables."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or cells[1] == "Licence" or set(cells[0]) == {"-"}:
            continue
        rows[cells[0]] = cells[1].split(" OR ")
    return rows


def gpl_only(alternatives):
    return all(re.match(r"A?GPL", a) and "WITH" not in a for a in alternatives)


def stem(soname):
    """libldap-2.5.so.0 -> libldap, libstdc++.so.6 -> libstdc++."""
    return re.sub(r"-\d[\d.]*$", "", soname.split(".so")[0])


def loaded(program):
    """name -> file of every shared library `program` loads, itself or through another."""
    listing = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in listing.splitlines():
        words = line.split()
        if not words or "statically" in line:
            continue
        if "not found" in line:
            raise ValueError(f"{program}: {line.strip()}")
        name = stem(os.path.basename(words[0]))
        if name not in SYSTEM:
            found[name] = words[2] if len(words) > 2 else words[0]
    return found


def package_of(file):
    """The Debian package a file came in; /lib and /usr/lib are one folder, dpkg knows either name."""
    real = os.path.realpath(file)
    for path in (file, real, real.removeprefix("/usr"), "/usr" + file):
        ran = subprocess.run(["dpkg", "-S", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, check=False)
        if ran.returncode == 0:
            return ran.stdout.split(":")[0]
    raise ValueError(f"{file} belongs to no Debian package")


def copyright_of(package):
    with open(f"/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace") as file:
        return file.read()


def row_of(name, rows):
    """Its own row, or the one of its family: libabsl_*."""
    family = next((f for f in rows if f.endswith("*") and name.startswith(f[:-1])), None)
    return rows.get(name, rows.get(family))


def complaints(libraries, rows, copyright_text):
    """`libraries`: names; `copyright_text`: a function from a name to its copyright file."""
    for name in sorted(libraries):
        alternatives = row_of(name, rows)
        if alternatives is None:
            yield f"{name} is linked and not listed in docs/decisions/licences.md"
            continue
        if gpl_only(alternatives):
            yield f"{name} can be had under the GPL alone"
        for licence in alternatives:
            if licence not in EVIDENCE:
                yield f"{name}: no way known to recognise the licence '{licence}'"
            elif not re.search(EVIDENCE[licence], copyright_text(name)):
                yield f"{name}: its copyright file does not mention {licence}"
