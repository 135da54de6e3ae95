using Unroll.Ranks;
using Xunit;

namespace Unroll.Tests.Ranks;

/// <summary>A launcher is known by the variables that it sets, and by nothing else.</summary>
public class LauncherTests
{
    [Fact]
    public void Without_a_launcher_s_variables_there_is_none()
    {
        Assert.Null(Find());
        // Around a job's script Slurm sets these too.
        Assert.Null(Find(("SLURM_NTASKS", "8"), ("SLURM_PROCID", "0")));
        Assert.Null(Find(("OMPI_COMM_WORLD_RANK", "0")));
        Assert.Null(Find(("PMI_RANK", "zero"), ("PMI_SIZE", "4")));
    }

    [Fact]
    public void One_rank_alone_is_none() => Assert.Null(Find(("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "1")));

    [Fact]
    public void Each_kind_of_launcher_is_known()
    {
        Assert.Equal(new Launcher(LauncherKind.OpenMpi, 3, 8, 4), Find(("OMPI_COMM_WORLD_RANK", "3"), ("OMPI_COMM_WORLD_SIZE", "8"), ("OMPI_COMM_WORLD_LOCAL_SIZE", "4"), ("PMIX_RANK", "3")));
        Assert.Equal(new Launcher(LauncherKind.Mpich, 0, 2, 1), Find(("PMI_RANK", "0"), ("PMI_SIZE", "2"), ("MPI_LOCALNRANKS", "1")));
        Assert.Equal(new Launcher(LauncherKind.Any, 5, 16, null), Find(("PMIX_RANK", "5"), ("SLURM_STEP_NUM_TASKS", "16")));
    }

    [Theory]
    [InlineData("0", "2(x3),1", 2)]
    [InlineData("2", "2(x3),1", 2)]
    [InlineData("3", "2(x3),1", 1)]
    [InlineData("1", "4,2(x2)", 2)]
    [InlineData("4", "2(x3),1", null)]
    [InlineData("0", "many", null)]
    public void Slurm_says_how_many_ranks_a_machine_has(string node, string tasks, int? local)
    {
        Launcher? launcher = Find(("PMIX_RANK", "5"), ("SLURM_STEP_NUM_TASKS", "7"), ("SLURM_NODEID", node), ("SLURM_STEP_TASKS_PER_NODE", tasks));
        Assert.Equal(new Launcher(LauncherKind.Any, 5, 7, local), launcher);
        Assert.Equal(local, Find(("PMI_RANK", "5"), ("PMI_SIZE", "7"), ("SLURM_NODEID", node), ("SLURM_STEP_TASKS_PER_NODE", tasks))?.Local);
    }

    [Fact]
    public void Processes_of_Slurm_that_do_not_know_each_other_are_noticed()
    {
        Assert.Equal(8, Strangers(("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "8")));
        Assert.Null(Strangers(("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "1")));
        Assert.Null(Strangers(("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8"))); // a job's script
        Assert.Null(Strangers(("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "8"), ("PMIX_RANK", "0")));
        Assert.Null(Strangers(("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "8"), ("OMPI_COMM_WORLD_RANK", "0"))); // by mpirun's own daemons
    }

    [Theory]
    [InlineData(2, 64, 64, 32)] // not bound: they share the cores
    [InlineData(8, 8, 64, 8)] // bound to their own
    [InlineData(8, 1, 64, 1)]
    [InlineData(4, 2, 2, 1)] // more ranks than cores
    [InlineData(null, 16, 16, 16)]
    public void Ranks_of_a_machine_share_its_cores(int? local, int cores, int online, int threads) =>
        Assert.Equal(threads, new Launcher(LauncherKind.OpenMpi, 0, 8, local).ThreadsEach(cores, online));

    [Fact]
    public void Cores_that_nobody_uses_are_spoken_of()
    {
        var launcher = new Launcher(LauncherKind.OpenMpi, 0, 2, 2);
        Assert.False(launcher.LeavesCores(cores: 64, online: 64));
        Assert.False(launcher.LeavesCores(cores: 32, online: 64));
        Assert.True(launcher.LeavesCores(cores: 1, online: 64));
    }

    private static int? Strangers(params (string Name, string Value)[] variables) =>
        Launcher.Strangers(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    private static Launcher? Find(params (string Name, string Value)[] variables) =>
        Launcher.Find(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
