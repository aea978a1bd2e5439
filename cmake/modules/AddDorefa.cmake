# A library of the compiler: add_dorefa_library(Name sources... [DEPENDS ...]
# [MLIR_LIBS ...] [LINK ...]). MLIR_LIBS are upstream's component names; they
# resolve to the shared libMLIR, never to the archives.
function(add_dorefa_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;MLIR_LIBS;LINK" ${ARGN})
  add_mlir_library(${name} ${ARG_UNPARSED_ARGUMENTS}
    STATIC EXCLUDE_FROM_LIBMLIR DISABLE_INSTALL PARTIAL_SOURCES_INTENDED
    DEPENDS DorefaIRIncGen ${ARG_DEPENDS})
  mlir_target_link_libraries(${name} PUBLIC MLIRIR ${ARG_MLIR_LIBS})
  if(ARG_LINK)
    target_link_libraries(${name} PUBLIC ${ARG_LINK})
  endif()
endfunction()
