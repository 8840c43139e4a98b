// The models of models/, byte for byte.
        .section .rodata
        .balign 64
        .global plimsoll_risk_model
        .hidden plimsoll_risk_model
        .type   plimsoll_risk_model, @object
plimsoll_risk_model:
        .incbin "risk-v1.bin"
        .global plimsoll_risk_model_end
        .hidden plimsoll_risk_model_end
plimsoll_risk_model_end:
        .byte 0
        .size   plimsoll_risk_model, . - plimsoll_risk_model
        .balign 64
        .global plimsoll_names_model
        .hidden plimsoll_names_model
        .type   plimsoll_names_model, @object
plimsoll_names_model:
        .incbin "names-v1.bin"
        .global plimsoll_names_model_end
        .hidden plimsoll_names_model_end
plimsoll_names_model_end:
        .byte 0
        .size   plimsoll_names_model, . - plimsoll_names_model
        .section .note.GNU-stack, "", @progbits
