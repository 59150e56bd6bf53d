"""Images that stand in for those that Compose files name: the same names, ports, users and volumes, and
one small program that answers at each port and says who it is.

What they are is taken from what `shoal config -o json` makes of the files.
"""
import os

import make_image

# What the real images say of themselves and no Compose file does, by the last part of their names.
VOLUMES = {"gitea": ["/data"], "mariadb": ["/var/lib/mysql"], "nextcloud": ["/var/www/html"],
           "pgadmin4": ["/var/lib/pgadmin"], "postgres": ["/var/lib/postgresql/data"], "redismod": ["/data"],
           "wireguard": ["/config"], "wordpress": ["/var/www/html"]}
USERS = {"azure-sql-edge": "10001", "pgadmin4": "5050"}

# Whatever it is told to do, as process 1 that ends when it is asked to.
PROGRAM = """#!/bin/sh
trap 'exit 0' TERM INT QUIT
for port in $STAND_IN_TCP; do
    STAND_IN_PORT=$port httpd -f -p "$port" -h /answers &
done
for port in $STAND_IN_UDP; do
    udp-echo "$port" &
done
sleep 1000000 &
wait
"""
ANSWER = """#!/bin/sh
printf '\\n%s %s %s' "$STAND_IN_FOR" "$STAND_IN_PORT" "$(hostname)"
"""
# What health checks call. It succeeds, except with a password that turned out empty.
CHECK = """#!/bin/sh
case " $* " in *"--password= "*) exit 1 ;; esac
"""


def image_of(project, service):
    """The name of the image a service runs."""
    if "image" in (about := project["services"][service]):
        return about["image"]
    return f"{project['name']}-{service}"


def tagged(name):
    return name if ":" in name.rpartition("/")[2] else name + ":latest"


def ports_of(service, protocol):
    """Those inside its containers."""
    published = [port["target"] for port in service.get("ports", []) if port["protocol"] == protocol]
    exposed = [str(port).partition("/") for port in service.get("expose", [])]
    return {*published, *(int(port) for port, _, said in exposed if (said or "tcp") == protocol)}


class StandIn:
    def __init__(self, name):
        self.name = name
        self.ports = {"tcp": set(), "udp": set()}

    def add(self, service):
        for protocol, ports in self.ports.items():
            ports |= ports_of(service, protocol)

    def config(self, plain):
        short = self.name.rpartition("/")[2].partition(":")[0]
        env = [f"STAND_IN_{protocol.upper()}={' '.join(map(str, sorted(ports)))}"
               for protocol, ports in self.ports.items()]
        return make_image.config(
            plain, USERS.get(short, ""), Entrypoint=["/bin/stand-in"], Cmd=["as", "the", "real", "one"],
            Env=["PATH=/bin", f"STAND_IN_FOR={self.name}", *env], StopSignal="SIGTERM", WorkingDir="/",
            ExposedPorts={f"{port}/{protocol}": {} for protocol, ports in self.ports.items() for port in ports},
            Volumes={path: {} for path in VOLUMES.get(short, [])})


def of(projects):
    """One for each image, by the image's full name: it answers at the ports of all services that use it."""
    out = {}
    for project in projects:
        for name, service in project["services"].items():
            image = tagged(image_of(project, name))
            out.setdefault(image, StandIn(image)).add(service)
    return out


def _first_word(command):
    return (command.split() if isinstance(command, str) else command or [""])[0]


def _programs(projects):
    """path -> text, of all that the files call by name: checks, and entrypoints of their own."""
    out = {"/bin/stand-in": PROGRAM}
    for service in (service for project in projects for service in project["services"].values()):
        kind, *words = service.get("healthcheck", {}).get("test", ["NONE"])
        if kind != "NONE":
            out[os.path.join("/bin", _first_word(" ".join(words)))] = CHECK
        if entry := _first_word(service.get("entrypoint")):
            out[os.path.join("/bin", entry)] = PROGRAM
    return out


def _users(projects):
    services = [service for project in projects for service in project["services"].values()]
    names = {str(service["user"]).partition(":")[0] for service in services if "user" in service}
    return sorted(name for name in names if not name.isdigit())


def _layer(projects):
    def fill(tar):
        make_image.programs(tar)
        with open(os.environ["SHOAL_TEST_UDP_ECHO"], "rb") as file:
            make_image.add(tar, "bin/udp-echo", file.read(), 0o755)
        for path, text in _programs(projects).items():
            make_image.add(tar, path.lstrip("/"), text.encode(), 0o755)
        make_image.add(tar, "answers/cgi-bin/who", ANSWER.encode(), 0o755)
        lines = ["root:x:0:0::/:/bin/sh"]
        lines += [f"{name}:x:{number}:{number}::/:/bin/sh" for number, name in enumerate(_users(projects), 70)]
        make_image.add(tar, "etc/passwd", "".join(line + "\n" for line in lines).encode())
        make_image.add(tar, "etc/group", "".join(line.partition("::")[0].rpartition(":")[0] + ":\n"
                                                 for line in lines).encode())

    return make_image.layer(fill)


def _full(name):
    """As `docker save` names it in the layout: with a registry, of which no Compose file knows."""
    parts = name.split("/")
    if "." in parts[0]:
        return name
    return "/".join(["registry.example", *(["library"] if len(parts) == 1 else []), name])


def save(path, projects):
    """All of them in one archive, on one layer, as `docker save` writes it."""
    plain = [_layer(projects)]
    images = list(of(projects).values())
    make_image.oci(path, [(_full(one.name), one.config(plain)) for one in images], plain,
                   {_full(one.name): one.name for one in images})


def answer(project, service, port, index=0):
    """What replica INDEX says at a port inside its container."""
    host = project["services"][service].get("hostname", f"{project['name']}-{service}-{index}")
    return f"{tagged(image_of(project, service))} {port} {host}"
