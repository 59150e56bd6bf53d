# One interface library carries the flags of everything we compile. -Werror belongs to the presets:
# a stranger's newer compiler must still build the project.
option(SHOAL_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(SHOAL_TESTS "Build the tests (needs GoogleTest and rapidcheck)" ON)

find_program(SHOAL_CCACHE ccache)
if(SHOAL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${SHOAL_CCACHE})
endif()

find_program(SHOAL_MOLD mold)
if(SHOAL_MOLD)
    # g++ 12 and clang 14 both know the name.
    add_link_options(-fuse-ld=mold)
endif()

add_library(shoal_flags INTERFACE)
target_include_directories(shoal_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(shoal_flags INTERFACE MSGPACK_NO_BOOST SHOAL_VERSION="${PROJECT_VERSION}")
target_compile_options(shoal_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    # g++ 12 cries wolf about std::variant and std::string at -O2 (GCC bug 105329 and its kin).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-array-bounds -Wno-stringop-overread>)
