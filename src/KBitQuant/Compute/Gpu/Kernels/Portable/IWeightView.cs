using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A weight of any layout, as the portable matrix-vector kernel reads it.</summary>
internal interface IWeightView
{
    /// <summary>The value of an element: constant * table[code] + offset, rounded after the product and after the sum.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="columns">The columns of the weight.</param>
    /// <param name="table">The table, wherever the kernel keeps it.</param>
    float Value(int row, int column, int columns, ArrayView<float> table);

    /// <summary>Brings the table into memory that the group shares; all of its threads call this.</summary>
    ArrayView<float> ShareTable();
}
