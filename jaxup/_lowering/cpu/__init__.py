"""CPUs: XLA compiles loops for LLVM, which vectorises some of them."""
