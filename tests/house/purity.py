"""What a static library asks of the outside: every symbol it needs and neither it nor the libraries it
may use define.

Headers can be avoided and still be reached; a symbol cannot. A machine may ask for memory, strings,
containers and arithmetic. Clocks, chance, sockets, files and threads are not on the list, and what is
not on the list is refused.
"""
import re
import subprocess

ALLOWED = re.compile("|".join((
    # The compiler's own furniture.
    r"__gxx_personality_v0", r"_Unwind_Resume", r"__cxa_\w+", r"__dso_handle", r"_GLOBAL_OFFSET_TABLE_",
    r"__stack_chk_fail", r"__libc_single_threaded", r"vtable for __cxxabiv1::.*",
    r"__(asan|ubsan|tsan|sanitizer|lsan)_\w+",
    # Memory, bytes, numbers.
    r"operator (new|delete)(\[\])?\(.*\)", r"malloc|calloc|realloc|free", r"mem(cpy|move|set|cmp|chr)",
    r"bcmp|str(len|cmp|ncmp|chr|toul|toull|tol|toll|tod)|isspace|isdigit|isalnum", r"ntoh[sl]|hton[sl]",
    r"l?l?round|log2?|log10|exp2?|pow|ceil|floor|sqrt|trunc|fmod",
    # A failed check says so and ends the process.
    r"abort|__assert_fail|stderr|fprintf|fputs|fputc|fwrite|fflush", r"v?snprintf|__v?snprintf_chk|__fprintf_chk",
    # The standard library, as far as it only computes.
    r"std::__throw_\w+\(.*\)", r"std::terminate\(\)", r"std::__glibcxx_assert_fail\(.*\)",
    r"std::_Rb_tree_\w+\(.*\)", r"std::__detail::_List_node_base::\w+\(.*\)",
    r"std::(__cxx11::)?(basic_string|to_string|char_traits|allocator)\b.*", r"std::_Sp_\w+.*",
    r"std::(from_chars|to_chars)\(.*\)", r"std::__detail::__(from|to)_chars\w*.*", r"std::_Hash_bytes\(.*\)",
    r"(typeinfo for |vtable for |typeinfo name for )?std::(exception|bad_\w+|logic_error|runtime_error"
    r"|out_of_range|length_error|invalid_argument|overflow_error|range_error|domain_error|type_info)\b.*",
    r"std::uncaught_exceptions\(\)",
)))


def _symbols(archive):
    """(defined, undefined) of one archive, demangled."""
    listing = subprocess.run(["nm", "--demangle", archive], check=True, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True).stdout
    defined, undefined = set(), set()
    for line in listing.splitlines():
        found = re.match(r"(?:[0-9a-f]{8,16}|\s{8,16}) ([A-Za-z]) (.+)$", line)
        if found:
            kind, name = found.groups()
            # `w` without an address: would be used if somebody else brought it.
            weak_and_missing = kind in "wv" and line.startswith(" ")
            (undefined if kind == "U" or weak_and_missing else defined).add(name)
    if not defined:
        raise ValueError(f"{archive} defines nothing; nm cannot read it?")
    return defined, undefined


def outside(archive, may_use=()):
    """The symbols `archive` needs that neither it nor `may_use` define and no machine may need."""
    defined, undefined = _symbols(archive)
    for other in may_use:
        defined |= _symbols(other)[0]
    return sorted(name for name in undefined - defined if not ALLOWED.fullmatch(name))
