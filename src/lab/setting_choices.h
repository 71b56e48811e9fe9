/*
 * setting_choices.h - what the settings that are names choose from: the rows of other tables.
 *
 * Of option i each function gives the name or the description. Only the table of settings asks.
 */
#ifndef LAB_SETTING_CHOICES_H
#define LAB_SETTING_CHOICES_H

#include "lab/setting.h"

const char *activation_name(int i);
struct setting_choice describe_activation(int i);
const char *normalisation_name(int i);
struct setting_choice describe_normalisation(int i);
const char *connection_name(int i);
struct setting_choice describe_connection(int i);
const char *branch_name(int i);
struct setting_choice describe_branch(int i);
const char *initialiser_name(int i);
struct setting_choice describe_initialiser(int i);
const char *optimiser_name(int i);
struct setting_choice describe_optimiser(int i);
const char *schedule_name(int i);
struct setting_choice describe_schedule(int i);
const char *preprocess_name(int i);
struct setting_choice describe_preprocess(int i);

/* With "same" and "auto" behind the others. */
const char *last_activation_name(int i);
struct setting_choice describe_last_activation(int i);
const char *loss_name(int i);
struct setting_choice describe_loss(int i);

const char *dataset_name(int i);
struct setting_choice describe_dataset(int i);
const char *separator_name(int i);
const char *header_name(int i);

#endif
