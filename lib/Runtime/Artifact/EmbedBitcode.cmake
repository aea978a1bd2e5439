# Writes each of MODULES (artifact-<arch>.bc) as an array <arch>Bitcode to OUTPUT.
set(text "")
foreach(module ${MODULES})
  get_filename_component(name ${module} NAME_WE)
  string(REPLACE "artifact-" "" arch ${name})
  file(READ ${module} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND text
         "alignas(8) const unsigned char ${arch}Bitcode[] = {${bytes}};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
