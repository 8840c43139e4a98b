// The evidence viewer, byte for byte.
        .section .rodata
        .balign 16
        .global plimsoll_evidence_page
        .hidden plimsoll_evidence_page
        .type   plimsoll_evidence_page, @object
plimsoll_evidence_page:
        .incbin PLIMSOLL_EVIDENCE_PAGE
        .global plimsoll_evidence_page_end
        .hidden plimsoll_evidence_page_end
plimsoll_evidence_page_end:
        .byte 0
        .size   plimsoll_evidence_page, . - plimsoll_evidence_page
        .section .note.GNU-stack, "", @progbits
