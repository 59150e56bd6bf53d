# shoal_library(NAME [DEPENDS ...]): all .cpp files directly in this folder become shoal::NAME.
function(shoal_library name)
    cmake_parse_arguments(ARG "" "" "DEPENDS;EXCLUDE;FOLDERS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    foreach(folder IN LISTS ARG_FOLDERS)
        file(GLOB more CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
        list(APPEND sources ${more})
    endforeach()
    foreach(file IN LISTS ARG_EXCLUDE)
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
    add_library(shoal_${name} STATIC ${sources})
    add_library(shoal::${name} ALIAS shoal_${name})
    target_link_libraries(shoal_${name} PUBLIC shoal_flags ${ARG_DEPENDS})
endfunction()

# Everything ctest runs is behind one target: a test program that was not built has no labels, so
# `ctest -L unit` would pass over it in silence.
add_custom_target(test_programs)
add_custom_target(fuzzers)

# shoal_tests(NAME [LABEL unit] [RUNNER ...] [DEPENDS ...]): all *_test.cpp of this folder become
# NAME_tests. RUNNER: words of a command that runs each test in some surroundings.
function(shoal_tests name)
    cmake_parse_arguments(ARG "" "LABEL" "DEPENDS;RUNNER" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    add_executable(${name}_tests ${sources})
    add_dependencies(test_programs ${name}_tests)
    target_link_libraries(${name}_tests PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_tests PRIVATE SHOAL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(ARG_RUNNER)
        set_target_properties(${name}_tests PROPERTIES CROSSCOMPILING_EMULATOR "${ARG_RUNNER}")
    endif()
    gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
        PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600)
endfunction()

# shoal_fuzzer(NAME SOURCE [DEPENDS ...]): a libFuzzer target, only in the fuzz preset.
function(shoal_fuzzer name source)
    if(NOT SHOAL_FUZZ)
        return()
    endif()
    cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
endfunction()
