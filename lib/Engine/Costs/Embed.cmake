# Writes the files FILES as C++ string literals, one behind the other, to OUTPUT.
set(text "")
foreach(file ${FILES})
  file(READ ${file} content)
  string(APPEND text "R\"json(${content})json\",\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
