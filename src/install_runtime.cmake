# `cmake --install`: the runtime library, static and shared, its headers, a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS burin_runtime burin_runtime_shared EXPORT burin_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(HEADER burin.h runtime.hpp status.hpp tensor_types.hpp)
  install(FILES ${PROJECT_SOURCE_DIR}/include/burin/${HEADER} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/burin)
endforeach()

set(BURIN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/burin)
install(EXPORT burin_targets FILE burin_targets.cmake NAMESPACE burin:: DESTINATION ${BURIN_PACKAGE_DIR})
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/burin-config.cmake
     "# Targets: burin::runtime (static), burin::runtime_shared.\n"
     "include(CMakeFindDependencyMacro)\n"
     "find_dependency(Threads)\n"
     "include(\${CMAKE_CURRENT_LIST_DIR}/burin_targets.cmake)\n")
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/burin-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/burin-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/burin-config-version.cmake
        DESTINATION ${BURIN_PACKAGE_DIR})

file(RELATIVE_PATH PREFIX_FROM_PC ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(burin_runtime.pc.in burin_runtime.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/burin_runtime.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
