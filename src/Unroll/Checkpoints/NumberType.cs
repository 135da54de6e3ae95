namespace Unroll.Checkpoints;

/// <summary>How the numbers of a tensor are kept, under safetensors' names.</summary>
internal enum NumberType
{
    /// <summary>32 bits.</summary>
    F32,

    /// <summary>16 bits, 5 of them the exponent's.</summary>
    F16,

    /// <summary>bfloat16: a float without its last 16 bits.</summary>
    BF16,

    /// <summary>Whole numbers of 32 bits with a sign.</summary>
    I32,

    /// <summary>Whole numbers of 8 bits without a sign.</summary>
    U8,

    /// <summary>Whole numbers of 16 bits without a sign.</summary>
    U16,
}
