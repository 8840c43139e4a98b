// The shipped policy, byte for byte.
        .section .rodata
        .balign 16
        .global plimsoll_shipped_policy
        .hidden plimsoll_shipped_policy
        .type   plimsoll_shipped_policy, @object
plimsoll_shipped_policy:
        .incbin PLIMSOLL_SHIPPED_POLICY
        .global plimsoll_shipped_policy_end
        .hidden plimsoll_shipped_policy_end
plimsoll_shipped_policy_end:
        .byte 0
        .size   plimsoll_shipped_policy, . - plimsoll_shipped_policy
        .section .note.GNU-stack, "", @progbits
