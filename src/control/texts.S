// The frameworks' controls, byte for byte.
        .macro text name, file
        .global \name
        .hidden \name
        .type   \name, @object
\name:
        .incbin "\file"
        .global \name\()_end
        .hidden \name\()_end
\name\()_end:
        .byte 0
        .size   \name, . - \name
        .endm
        .section .rodata
        .balign 16
        text plimsoll_control_frameworks, PLIMSOLL_FRAMEWORKS
        text plimsoll_control_capability, PLIMSOLL_CAPABILITY
        .section .note.GNU-stack, "", @progbits
