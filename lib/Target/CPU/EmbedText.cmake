# Writes the text of INPUT as the raw string literal NAME to OUTPUT.
file(READ ${INPUT} text)
file(WRITE ${OUTPUT}
     "static const char ${NAME}[] = R\"text(${text})text\";\n")
