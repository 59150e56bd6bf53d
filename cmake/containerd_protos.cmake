# shoal_containerd_protos(TARGET): containerd's API as a static library of generated code.
#
# The protos come out of Debian's packages, unpacked by `./dev setup build`; nothing is fetched here.
# They carry options of a Go generator that protoc for C++ refuses; those lines are taken out, which
# leaves the wire format as it is. All generated sources are one translation unit each for messages
# and services: apart they take six times as long.
function(shoal_containerd_protos target)
    set(root ${PROJECT_SOURCE_DIR}/build/protos/usr/share/gocode/src)
    set(containerd github.com/containerd/containerd)
    set(services version/v1/version namespaces/v1/namespace containers/v1/containers images/v1/images
        content/v1/content snapshots/v1/snapshots diff/v1/diff leases/v1/leases tasks/v1/tasks events/v1/events)
    list(TRANSFORM services PREPEND ${containerd}/api/services/)
    set(messages ${containerd}/api/types/platform ${containerd}/api/types/task/task ${containerd}/api/types/metrics
        ${containerd}/api/types/mount ${containerd}/api/types/descriptor ${containerd}/api/events/task
        ${containerd}/runtime/v2/runc/options/oci github.com/containerd/cgroups/stats/v1/metrics
        github.com/containerd/cgroups/v2/stats/metrics)

    find_package(Protobuf REQUIRED) # before gRPC: Debian has no protobuf-config.cmake for gRPC to find
    find_package(gRPC CONFIG REQUIRED)
    find_program(SHOAL_PROTOC protoc REQUIRED)
    find_program(SHOAL_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

    set(clean ${CMAKE_CURRENT_BINARY_DIR}/protos)
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
    file(MAKE_DIRECTORY ${generated})
    set(number 0)
    foreach(name IN LISTS messages services)
        if(NOT EXISTS ${root}/${name}.proto)
            message(FATAL_ERROR "containerd's API is missing: ${root}/${name}.proto. Run: ./dev setup build")
        endif()
        file(READ ${root}/${name}.proto text)
        string(REGEX REPLACE "import (weak )?\"[^\"]*(gogoproto/gogo|plugin/fieldpath)\\.proto\";" "" text "${text}")
        string(REGEX REPLACE "option \\((gogoproto|containerd\\.plugin)\\.[^;]*;" "" text "${text}")
        string(REGEX REPLACE "\\[[ ]*\\(gogoproto\\.[^]]*\\]" "" text "${text}")
        file(CONFIGURE OUTPUT ${clean}/${name}.proto CONTENT "${text}" @ONLY)
        list(APPEND inputs ${clean}/${name}.proto)
        list(APPEND outputs ${generated}/${name}.pb.cc ${generated}/${name}.pb.h)
        # File-local names that every generated source has again.
        string(APPEND all_messages "#define schemas schemas_${number}\n"
            "#define file_default_instances file_default_instances_${number}\n#include \"${name}.pb.cc\"\n"
            "#undef schemas\n#undef file_default_instances\n")
        math(EXPR number "${number} + 1")
    endforeach()
    foreach(name IN LISTS services)
        list(APPEND outputs ${generated}/${name}.grpc.pb.cc ${generated}/${name}.grpc.pb.h)
        string(APPEND all_services "#include \"${name}.grpc.pb.cc\"\n")
    endforeach()
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/all_messages.cc CONTENT "${all_messages}" @ONLY)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/all_services.cc CONTENT "${all_services}" @ONLY)

    add_custom_command(OUTPUT ${outputs}
        COMMAND ${SHOAL_PROTOC} -I ${clean} --cpp_out=${generated} --grpc_out=${generated}
            --plugin=protoc-gen-grpc=${SHOAL_GRPC_PLUGIN} ${inputs}
        DEPENDS ${inputs} COMMENT "containerd's API: protoc" VERBATIM)
    add_library(${target} STATIC ${CMAKE_CURRENT_BINARY_DIR}/all_messages.cc ${CMAKE_CURRENT_BINARY_DIR}/all_services.cc)
    add_custom_target(${target}_generated DEPENDS ${outputs})
    add_dependencies(${target} ${target}_generated)
    set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/all_messages.cc ${CMAKE_CURRENT_BINARY_DIR}/all_services.cc
        PROPERTIES OBJECT_DEPENDS "${outputs}")
    target_include_directories(${target} SYSTEM PUBLIC ${generated})
    # Not our code: no warnings of ours, no optimising beyond what pays.
    target_compile_options(${target} PRIVATE -O1 -w -Wno-error)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "" EXPORT_COMPILE_COMMANDS OFF)
    target_link_libraries(${target} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
endfunction()
