// The descriptions of the interfaces, byte for byte.
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
        text plimsoll_gateway_openapi, PLIMSOLL_GATEWAY_OPENAPI
        text plimsoll_evidence_openapi, PLIMSOLL_EVIDENCE_OPENAPI
        text plimsoll_control_openapi, PLIMSOLL_CONTROL_OPENAPI
        .section .note.GNU-stack, "", @progbits
