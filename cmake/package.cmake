# The Debian package: `cpack` in a build folder makes it, `./dev package` calls that. What is in it
# besides the program is in package/.
set(parts ${PROJECT_SOURCE_DIR}/cmake/package)
set(made ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${made})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The shoal project <shoal@shoal.invalid>")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(SHOAL_DEB_VERSION ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})

# "librocksdb: Apache-2.0 OR GPL-2", for every row of the tables of licences.md.
file(STRINGS ${PROJECT_SOURCE_DIR}/docs/decisions/licences.md rows REGEX "^\\| (lib|nlohmann)")
foreach(row IN LISTS rows)
    string(REGEX REPLACE "^\\| ([^|]+) \\| ([^|]+) \\|.*$" "  \\1: \\2" row "${row}")
    list(APPEND linked "${row}")
endforeach()
list(JOIN linked "\n" SHOAL_LINKED)
configure_file(${parts}/copyright.in ${made}/copyright @ONLY)
configure_file(${parts}/changelog.in ${made}/changelog @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/decisions/licences.md)

# Words of the program itself: the manual page, and what shells complete with.
set(words)
foreach(word "shoal.1:__manual" "bash:completion bash" "zsh:completion zsh" "fish:completion fish")
    string(REGEX MATCH "^([^:]+):(.*)$" found ${word})
    set(file ${made}/${CMAKE_MATCH_1})
    separate_arguments(call UNIX_COMMAND ${CMAKE_MATCH_2})
    add_custom_command(OUTPUT ${file} COMMAND shoal ${call} > ${file} DEPENDS shoal VERBATIM)
    list(APPEND words ${file})
endforeach()
# Pressed the same way every time: -n leaves the time out.
function(pressed source file)
    add_custom_command(OUTPUT ${made}/${file} COMMAND gzip -9nc ${source} > ${made}/${file}
        DEPENDS ${source} VERBATIM)
    set(words ${words} ${made}/${file} PARENT_SCOPE)
endfunction()
pressed(${made}/shoal.1 shoal.1.gz)
pressed(${made}/changelog changelog.Debian.gz)
pressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog.gz)
foreach(page operations api compose)
    pressed(${PROJECT_SOURCE_DIR}/docs/${page}.md ${page}.md.gz)
endforeach()
add_custom_target(package_files DEPENDS ${words} shoal)

target_link_options(shoal PRIVATE -Wl,-z,relro,-z,now)
install(TARGETS shoal RUNTIME DESTINATION /usr/bin)
install(FILES ${parts}/shoal.service DESTINATION /lib/systemd/system)
install(FILES ${parts}/agent.yaml DESTINATION /etc/shoal)
install(FILES ${made}/shoal.1.gz DESTINATION /usr/share/man/man1)
install(FILES ${made}/copyright ${made}/changelog.Debian.gz ${made}/changelog.gz ${made}/operations.md.gz
    ${made}/api.md.gz ${made}/compose.md.gz DESTINATION /usr/share/doc/shoal)
install(FILES ${parts}/lintian-overrides DESTINATION /usr/share/lintian/overrides RENAME shoal)
install(FILES ${made}/bash DESTINATION /usr/share/bash-completion/completions RENAME shoal)
install(FILES ${made}/zsh DESTINATION /usr/share/zsh/vendor-completions RENAME _shoal)
install(FILES ${made}/fish DESTINATION /usr/share/fish/vendor_completions.d RENAME shoal.fish)

file(WRITE ${made}/conffiles "/etc/shoal/agent.yaml\n")
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, containerd (>= 1.6), runc, nftables, iproute2")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${parts}/postinst ${parts}/prerm ${parts}/postrm ${made}/conffiles)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "container scheduler and service registry with no master
Every node of a cluster runs the same daemon. Nodes find each other from
one seed address, agree on who is alive, keep a replicated registry, and
place work by asking each other for bids. There is no leader, no quorum
and no external database: any node accepts a job, answers a query, and
survives the loss of all the others.
.
Jobs come from the command line, from Compose files or over HTTP, and run
as containers of containerd.")
include(CPack)
